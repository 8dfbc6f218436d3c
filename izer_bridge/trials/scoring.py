"""Measures analyses against labelled messages. It reads no file and asks no analyser."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, field_validator

from izer_bridge.domain.analysis import (
    CALM_UP_TO,
    MOST_URGENT,
    URGENT_FROM,
    Analysis,
    Category,
    ResponseTime,
    Sentiment,
)
from izer_bridge.domain.message import HistoryEntry, Subject

SHOP = "İzer Bisiklet"
K = TypeVar("K")
_Score = Annotated[int, Field(ge=1, le=MOST_URGENT)]
_UNDATED = datetime(2025, 5, 26, 9, 0, tzinfo=UTC)


class Expected(BaseModel):
    """The right answers: an urgency range, accepted labels (the best first), None for any."""

    urgency: tuple[_Score, _Score]
    category: list[Category] = Field(min_length=1)
    sentiment: list[Sentiment] = Field(min_length=1)
    action_required: bool | None
    recommended_response_time: list[ResponseTime] = Field(min_length=1)

    @field_validator("urgency")
    @classmethod
    def _in_order(cls, urgency: tuple[int, int]) -> tuple[int, int]:
        if urgency[0] > urgency[1]:
            raise ValueError("the lower score stands first")
        return urgency


class Correction(BaseModel):
    """A person's correction of a message, in the terms of `Expected`; None changes nothing."""

    urgency: tuple[int, int] | None = None
    category: list[Category] | None = None
    sentiment: list[Sentiment] | None = None
    action_required: bool | None = None
    recommended_response_time: list[ResponseTime] | None = None

    def of(self, expected: Expected) -> Expected:
        said = {name: value for name, value in self if value is not None}
        return expected.model_copy(update=said)


def accepting(analysis: Analysis) -> Expected:
    """A label that accepts an analysis as right, with its urgency within its band."""
    first = (analysis.urgency_score - 1) // 2 * 2 + 1
    return Expected(
        urgency=(first, first + 1),
        category=[analysis.category],
        sentiment=[analysis.sentiment],
        action_required=analysis.action_required,
        recommended_response_time=[analysis.recommended_response_time],
    )


class Line(BaseModel):
    """One earlier message; the shop's own are sent by `SHOP`."""

    sender: str
    content: str
    timestamp: AwareDatetime
    type: str


class Labelled(BaseModel):
    """One line of a labelled set. `model_validate_json` raises ValidationError for another form.

    Without `sent_at` the message was sent an hour after its history.
    """

    id: str
    language: str
    chat_name: str
    phone_number: str
    is_group: bool
    vip: bool
    history: list[Line]
    message: str
    expected: Expected
    sent_at: AwareDatetime | None = None

    @property
    def subject(self) -> Subject:
        """The message in its chat; its importance is left to the rules."""
        history = tuple(
            HistoryEntry(one.sender, one.content, one.timestamp, one.type, one.sender == SHOP)
            for one in self.history
        )
        last = history[-1].sent_at if history else _UNDATED
        return Subject(
            message_id=self.id,
            text=self.message,
            sent_at=self.sent_at or last + timedelta(hours=1),
            chat_name=self.chat_name,
            phone_number=self.phone_number,
            is_group=self.is_group,
            is_vip=self.vip,
            is_critical_group=False,
            history=history,
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One analysis compared with its label; without an analysis everything is wrong."""

    id: str
    language: str
    expected: Expected
    analysis: Analysis | None

    @property
    def category(self) -> bool:
        return self.analysis is not None and self.analysis.category in self.expected.category

    @property
    def strict(self) -> bool:
        return self.analysis is not None and self.analysis.category == self.expected.category[0]

    @property
    def sentiment(self) -> bool:
        return self.analysis is not None and self.analysis.sentiment in self.expected.sentiment

    @property
    def response(self) -> bool:
        accepted = self.expected.recommended_response_time
        return self.analysis is not None and self.analysis.recommended_response_time in accepted

    @property
    def action(self) -> bool | None:
        """None if either answer is right."""
        if self.expected.action_required is None:
            return None
        return (
            self.analysis is not None
            and self.analysis.action_required == self.expected.action_required
        )

    @property
    def off(self) -> int:
        """By how much the urgency is above (+) or below (-) the range; 0 inside it."""
        low, high = self.expected.urgency
        if self.analysis is None:
            return max(low - 1, MOST_URGENT - high)
        urgency = self.analysis.urgency_score
        return max(urgency - high, 0) - max(low - urgency, 0)

    @property
    def is_urgent(self) -> bool:
        return self.expected.urgency[0] >= URGENT_FROM

    @property
    def is_calm(self) -> bool:
        return self.expected.urgency[1] <= CALM_UP_TO

    @property
    def raises(self) -> bool:
        return self.analysis is not None and self.analysis.urgency_score >= URGENT_FROM

    @property
    def answered(self) -> Category | None:
        return self.analysis.category if self.analysis else None


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares of 0–1, None if nothing could be measured; `distance` and `bias` in points."""

    messages: int
    category: float | None
    strict_category: float | None
    sentiment: float | None
    sentiment_by_mood: float | None
    urgency: float | None
    distance: float | None
    bias: float | None
    response: float | None
    action: float | None
    urgent_recall: float | None
    false_alarms: float | None
    overall: float | None


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Precision, recall and F1 of one category, 0–1, and how often it was the best label."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """`confusion` counts (label, answer); an accepted answer counts as the label itself."""

    total: Scores
    by_language: Mapping[str, Scores]
    by_category: Mapping[Category, Scores]
    classes: Mapping[Category, ClassScore]
    confusion: Mapping[tuple[Category, Category | None], int]
    verdicts: Sequence[Comparison]


def evaluate(messages: Sequence[Labelled], analyses: Mapping[str, Analysis]) -> EvaluationReport:
    """The report over all messages; `analyses` are keyed by message id, others are ignored."""
    verdicts = [
        Comparison(message.id, message.language, message.expected, analyses.get(message.id))
        for message in messages
    ]
    confusion = Counter(
        (verdict.answered, verdict.answered)
        if verdict.category and verdict.answered
        else (verdict.expected.category[0], verdict.answered)
        for verdict in verdicts
    )
    return EvaluationReport(
        total=_scores(verdicts),
        by_language=_grouped(verdicts, lambda verdict: verdict.language),
        by_category=_grouped(verdicts, lambda verdict: verdict.expected.category[0]),
        classes={category: _class_score(confusion, category) for category in Category},
        confusion=confusion,
        verdicts=verdicts,
    )


def _scores(verdicts: Sequence[Comparison]) -> Scores:
    category = _mean(verdict.category for verdict in verdicts)
    sentiment = _mean(verdict.sentiment for verdict in verdicts)
    urgency = _mean(not verdict.off for verdict in verdicts)
    response = _mean(verdict.response for verdict in verdicts)
    moods = sorted({verdict.expected.sentiment[0] for verdict in verdicts})
    return Scores(
        messages=len(verdicts),
        category=category,
        strict_category=_mean(verdict.strict for verdict in verdicts),
        sentiment=sentiment,
        sentiment_by_mood=_mean(
            _mean(one.sentiment for one in verdicts if one.expected.sentiment[0] == mood)
            for mood in moods
        ),
        urgency=urgency,
        distance=_mean(abs(verdict.off) for verdict in verdicts),
        bias=_mean(verdict.off for verdict in verdicts if verdict.analysis),
        response=response,
        action=_mean(verdict.action for verdict in verdicts),
        urgent_recall=_mean(verdict.raises for verdict in verdicts if verdict.is_urgent),
        false_alarms=_mean(verdict.raises for verdict in verdicts if verdict.is_calm),
        overall=_mean([category, sentiment, urgency, response]),
    )


def _grouped(verdicts: Sequence[Comparison], key: Callable[[Comparison], K]) -> dict[K, Scores]:
    groups: dict[K, list[Comparison]] = {}
    for verdict in verdicts:
        groups.setdefault(key(verdict), []).append(verdict)
    return {name: _scores(group) for name, group in groups.items()}


def _class_score(
    confusion: Mapping[tuple[Category, Category | None], int], category: Category
) -> ClassScore:
    right = confusion.get((category, category), 0)
    labelled = sum(count for (label, _), count in confusion.items() if label == category)
    answered = sum(count for (_, answer), count in confusion.items() if answer == category)
    return ClassScore(
        precision=right / answered if answered else None,
        recall=right / labelled if labelled else None,
        f1=2 * right / (labelled + answered) if labelled + answered else None,
        support=labelled,
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
