"""The analysis that needs no network, for when no model can be asked. It accepts every text."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from izer_bridge.analysis.local.context import Context, context_of, whole_thought
from izer_bridge.analysis.local.features import features_of
from izer_bridge.analysis.local.floor import above_floor
from izer_bridge.analysis.local.learned import Model, judge, learned, matter_of
from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.analysis.local.version import version
from izer_bridge.analysis.local.wording import keywords_of, reasons_of, wording_of
from izer_bridge.domain.analysis import Analysis, Category, priority_of
from izer_bridge.domain.context_info import ADVERT, NO_CONTEXT
from izer_bridge.domain.message import Subject

# What a click on an advert says; the advert's own words are the shop's.
_CLICK = "Merhaba, bu ilan hakkında bilgi almak istiyorum, fiyatı ne kadar?"
_REMEMBERED = 1 << 10
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


def prepare() -> None:
    """Load the word lists and the learnt weights now, so that the first message need not wait."""
    analyse(_EXAMPLE)
    version()


@lru_cache(_REMEMBERED)
def judged_alone(text: str) -> tuple[Category, int]:
    """A text's category and urgency without context; in a burst each text is judged again with the
    next.
    """
    return matter_of(features_of(signals_of(text), Context(frozenset(), ())), learned())


def analyse(subject: Subject, model: Model | None = None) -> Analysis:
    """The judgement from the message's words and its chat; for any text, in bounded time.

    `model` replaces the learnt weights, for measuring another model.
    """
    advert = subject.context.advert
    if advert is not None and subject.text.startswith(ADVERT):
        asked = analyse(replace(subject, text=_CLICK, context=NO_CONTEXT), model)
        language = signals_of(advert.words).language
        why = ("a click on an advert asks about it",)
        return replace(asked, keywords=(advert.words,), explanation=why, language=language)
    whole = whole_thought(subject)
    signals = signals_of(whole.text)
    context = context_of(whole, signals)
    judgement = judge(features_of(signals, context), learned() if model is None else model)
    wording = wording_of(judgement)
    judged = Analysis(
        urgency_score=judgement.urgency,
        category=judgement.category,
        sentiment=judgement.sentiment,
        priority_level=priority_of(judgement.urgency),
        action_required=judgement.needs_action,
        recommended_response_time=judgement.response_time,
        keywords=keywords_of(judgement, signals),
        business_context=wording.about,
        suggested_next_action=wording.next,
        language=signals.language,
        confidence=round(judgement.confidence, 2),
        explanation=reasons_of(judgement, signals),
    )
    return above_floor(judged, subject)
