"""The analysis that needs no network, for when no model can be asked. It never refuses a text."""

from datetime import UTC, datetime

from izer_bridge.analysis.context import Context, context_of
from izer_bridge.analysis.scoring import score
from izer_bridge.analysis.signals import Signals, signals_of
from izer_bridge.analysis.wording import keywords_of, reasons_of, wording_of
from izer_bridge.model.analysis import MOST_URGENT, Analysis, Category, ResponseTime, priority_of
from izer_bridge.model.message import Subject

IMMEDIATE_FROM = 9
ONE_HOUR_FROM = 7
TODAY_FROM = 6
CALM_UP_TO = 4
_EXAMPLE = Subject(
    message_id="",
    text="Merhaba, bisikletim hazır mı?",
    sent_at=datetime(2026, 1, 1, tzinfo=UTC),
    chat_name="",
    phone_number="",
    is_group=False,
    is_vip=False,
    is_critical_group=False,
    history=(),
)
_WANTED_TODAY = ("wanted_today", "before_it")
_UNHURRIED = ("no_hurry", "much_later", "mild", "supplier", "notice", "job")


def prepare() -> None:
    """Load the word lists now (a quarter of a second), so that the first message need not wait."""
    analyse(_EXAMPLE)


def analyse(subject: Subject) -> Analysis:
    """What the message's words and its chat say; for any text, in bounded time."""
    signals = signals_of(subject.text)
    context = context_of(subject, signals)
    result = score(signals, context)
    urgency = min(MOST_URGENT, max(1, round(result.urgency)))
    wording = wording_of(result)
    return Analysis(
        urgency_score=urgency,
        category=result.category,
        sentiment=result.sentiment,
        priority_level=priority_of(urgency),
        action_required=_needs_action(result.category, urgency, context),
        recommended_response_time=_response_time(urgency, signals),
        keywords=keywords_of(result, signals),
        business_context=wording.about,
        suggested_next_action=wording.next,
        language=signals.language,
        confidence=round(result.confidence, 2),
        explanation=reasons_of(result, signals),
    )


def _needs_action(category: Category, urgency: int, context: Context) -> bool:
    """Talk, thanks and advertising need none, unless they answer the shop's question."""
    return category is not Category.GENERAL or urgency > 2 or "shop_asked" in context.names


def _response_time(urgency: int, signals: Signals) -> ResponseTime:
    if urgency >= IMMEDIATE_FROM:
        return ResponseTime.IMMEDIATE
    is_wanted_today = any(name in signals for name in _WANTED_TODAY)
    if urgency >= ONE_HOUR_FROM or (urgency >= TODAY_FROM and is_wanted_today):
        return ResponseTime.ONE_HOUR
    is_unhurried = any(name in signals for name in _UNHURRIED)
    if urgency <= 2 or (urgency <= CALM_UP_TO and is_unhurried):
        return ResponseTime.ONE_DAY
    return ResponseTime.FOUR_HOURS
