"""The analysis that needs no network, for when no model can be asked."""

from izer_bridge.analysis.context import context_of
from izer_bridge.analysis.scoring import Score, score
from izer_bridge.analysis.signals import Signals, signals_of
from izer_bridge.model.analysis import MOST_URGENT, Analysis, Category, ResponseTime, priority_of
from izer_bridge.model.message import Subject


def analyse(subject: Subject) -> Analysis:
    """What the message's words and its chat say; for any text, in bounded time."""
    signals = signals_of(subject.text)
    context = context_of(subject, signals)
    result = score(signals, context)
    urgency = min(MOST_URGENT, max(1, round(result.urgency)))
    return Analysis(
        urgency_score=urgency,
        category=result.category,
        sentiment=result.sentiment,
        priority_level=priority_of(urgency),
        action_required=_needs_action(result, signals, urgency),
        recommended_response_time=_response_time(urgency, signals),
        language=signals.language,
        explanation=tuple(result.reasons),
    )


def _needs_action(result: Score, signals: Signals, urgency: int) -> bool:
    return not (result.category is Category.GENERAL and urgency <= 2)


def _response_time(urgency: int, signals: Signals) -> ResponseTime:
    if urgency >= 9:
        return ResponseTime.IMMEDIATE
    if urgency >= 7:
        return ResponseTime.ONE_HOUR
    if urgency <= 2 or (urgency <= 4 and ("no_hurry" in signals or "much_later" in signals)):
        return ResponseTime.ONE_DAY
    if urgency >= 6 and "wanted_today" in signals:
        return ResponseTime.ONE_HOUR
    return ResponseTime.FOUR_HOURS
