"""What an analysis says about a message, and how VIPs and critical groups raise it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from izer_bridge.domain.danger import Danger

RAISE_BY = 3
MOST_URGENT = 10
# From the first on a message is urgent, up to the second it is calm.
URGENT_FROM, CALM_UP_TO = 7, 4
# A caller, or a sender of something that cannot be read, wants an answer today.
FOR_A_PERSON = 5


class Category(StrEnum):
    TECHNICAL = "technical"
    SALES = "sales"
    SUPPORT = "support"
    COMPLAINT = "complaint"
    INQUIRY = "inquiry"
    GENERAL = "general"


class Sentiment(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    URGENT = "urgent"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    # In any case, and by `normal`'s former name, which rows and settings still contain.
    @classmethod
    def _missing_(cls, value: object) -> "Priority | None":
        said = str(value).strip().lower()
        said = "normal" if said == "medium" else said
        return next((one for one in cls if one == said), None)


class ResponseTime(StrEnum):
    IMMEDIATE = "immediate"
    ONE_HOUR = "1hour"
    FOUR_HOURS = "4hours"
    ONE_DAY = "24hours"


# A danger to life right now is critical; one on the next ride is high.
_LEAST_URGENT = {
    Danger.FIRE: 10,
    Danger.INJURY: 9,
    Danger.BATTERY: 9,
    Danger.RIDE: 8,
    Danger.THEFT: 8,
}
_MINUTES = {
    ResponseTime.IMMEDIATE: 0,
    ResponseTime.ONE_HOUR: 60,
    ResponseTime.FOUR_HOURS: 4 * 60,
    ResponseTime.ONE_DAY: 24 * 60,
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analyser's answer. `urgency_score` is 1–10, `confidence` 0–1.

    `dangers` are what the message's words report, the gravest first, whoever has judged it.
    """

    urgency_score: int
    category: Category
    sentiment: Sentiment
    priority_level: Priority
    action_required: bool
    recommended_response_time: ResponseTime
    keywords: tuple[str, ...] = ()
    business_context: str = ""
    suggested_next_action: str = ""
    language: str = "tr"
    confidence: float = 0.5
    dangers: tuple[Danger, ...] = ()
    explanation: tuple[str, ...] = field(default=(), compare=False)

    def as_json(self) -> dict[str, Any]:
        """The replaced system's `analysis` object; agents and reports read these keys."""
        return {
            "urgency_score": self.urgency_score,
            "category": str(self.category),
            "sentiment": str(self.sentiment),
            "keywords": list(self.keywords),
            "priority_level": str(self.priority_level),
            "action_required": self.action_required,
            "recommended_response_time": str(self.recommended_response_time),
            "business_context": self.business_context,
            "suggested_next_action": self.suggested_next_action,
        }


def priority_of(urgency: int) -> Priority:
    """The priority that goes with an urgency: 9–10 critical, 7–8 high, 4–6 normal, 1–3 low."""
    if urgency >= 9:
        return Priority.CRITICAL
    if urgency >= 7:
        return Priority.HIGH
    return Priority.NORMAL if urgency >= 4 else Priority.LOW


def raised(analysis: Analysis, *priorities: Priority) -> Analysis:
    """The same analysis for somebody important: urgency + 3, at most 10, and the highest priority.

    That is the highest of `priorities` and its own: raising lowers nothing.
    """
    return replace(
        analysis,
        urgency_score=min(MOST_URGENT, analysis.urgency_score + RAISE_BY),
        priority_level=max(analysis.priority_level, *priorities, key=list(Priority).index),
    )


def response_within(minutes: float) -> ResponseTime:
    """The longest response time that ends within `minutes`."""
    return [time for time in ResponseTime if _MINUTES[time] <= max(0, minutes)][-1]


def for_a_person(analysis: Analysis) -> Analysis:
    """The same analysis for content that only a person can see or hear: one must look, today."""
    urgency = max(analysis.urgency_score, FOR_A_PERSON)
    return due_within(
        replace(
            analysis,
            urgency_score=urgency,
            priority_level=max(
                analysis.priority_level, priority_of(urgency), key=list(Priority).index
            ),
            action_required=True,
        ),
        _MINUTES[ResponseTime.FOUR_HOURS],
    )


def never_calm(analysis: Analysis, dangers: tuple[Danger, ...]) -> Analysis:
    """The same analysis of a message that reports these dangers; it lowers nothing.

    Who has seen the urgency has seen what it is about: only a calm analysis is told that, too.
    """
    if not dangers:
        return analysis
    urgency = max(analysis.urgency_score, *(_LEAST_URGENT[danger] for danger in dangers))
    is_complaint = analysis.category is Category.COMPLAINT
    was_calm = analysis.urgency_score < URGENT_FROM
    of_a_part = not is_complaint and not {Danger.BATTERY, Danger.RIDE}.isdisjoint(dangers)
    is_blame = analysis.sentiment is Sentiment.NEGATIVE and (is_complaint or not was_calm)
    return replace(
        analysis,
        urgency_score=urgency,
        category=Category.TECHNICAL if of_a_part and was_calm else analysis.category,
        sentiment=analysis.sentiment if is_blame else Sentiment.URGENT,
        priority_level=max(analysis.priority_level, priority_of(urgency), key=list(Priority).index),
        action_required=True,
        recommended_response_time=ResponseTime.IMMEDIATE,
        dangers=dangers,
    )


def due_within(analysis: Analysis, minutes: int) -> Analysis:
    """The same analysis, its response time no later than `minutes`."""
    allowed = response_within(minutes)
    soonest = min(analysis.recommended_response_time, allowed, key=_MINUTES.__getitem__)
    return replace(analysis, recommended_response_time=soonest)
