"""The judgement by learnt weights of signals, words and chats.

learned.json contains points for each answer, by feature, which add up; it is written by
tests/analysis/learn.py.
"""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from math import exp
from operator import mul
from typing import Any, NamedTuple

from izer_bridge.domain.analysis import (
    CALM_UP_TO,
    MOST_URGENT,
    URGENT_FROM,
    Category,
    ResponseTime,
    Sentiment,
)

Row = Sequence[int]
Model = Mapping[str, Row]
Known = tuple[str, float, Row]
HUNDREDTHS = 100
URGENCIES = range(1, MOST_URGENT + 1)
ACTION = "action_required"
# One column of learned.json each.
ANSWERS: tuple[Any, ...] = (*Category, *Sentiment, *URGENCIES, *ResponseTime, ACTION)
_MOODS = len(Category)
_URGENCY = _MOODS + len(Sentiment)
_RESPONSE = _URGENCY + len(URGENCIES)
_ACTION = _RESPONSE + len(ResponseTime)
# Missing an urgent message costs more than looking at one for nothing.
_CAUTION = 0.45
# Which times go with which urgency: the label rules of the set that came with the task.
_TIMES = {
    **dict.fromkeys((1, 2), (ResponseTime.ONE_DAY,)),
    **dict.fromkeys((3, 4), (ResponseTime.FOUR_HOURS, ResponseTime.ONE_DAY)),
    **dict.fromkeys((5, 6), (ResponseTime.ONE_HOUR, ResponseTime.FOUR_HOURS)),
    **dict.fromkeys((7, 8), (ResponseTime.IMMEDIATE, ResponseTime.ONE_HOUR)),
    **dict.fromkeys((9, 10), (ResponseTime.IMMEDIATE,)),
}
_LEAST_TOLD = 0.15
_URGENT, _CALM = (
    slice(_URGENCY + URGENT_FROM - 1, _RESPONSE),
    slice(_URGENCY, _URGENCY + CALM_UP_TO),
)
_OF_URGENT = MOST_URGENT - URGENT_FROM + 1


class Effect(NamedTuple):
    """How much one feature contributed to an answer; `on` is its label or "urgency"."""

    feature: str
    on: str
    points: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`confidence` is the category's share among all, 0–1; `effects` are the strongest first."""

    category: Category
    sentiment: Sentiment
    urgency: int
    response_time: ResponseTime
    needs_action: bool
    confidence: float
    effects: tuple[Effect, ...]


def judge(features: Mapping[str, float], model: Model) -> Judgement:
    """The most likely answers to a message with these features."""
    known = _known(features, model)
    points = _points(known, model[""])
    of_category = points[:_MOODS]
    category = _best(Category, of_category)
    sentiment = _best(Sentiment, points[_MOODS:_URGENCY])
    urgency, time = _when(points[_URGENCY:_RESPONSE], points[_RESPONSE:_ACTION])
    effects = _effects(known, category, sentiment)
    most = max(of_category)
    return Judgement(
        category=category,
        sentiment=sentiment,
        urgency=urgency,
        response_time=time,
        needs_action=points[_ACTION] > 0,
        confidence=1 / sum(exp(one - most) for one in of_category),
        effects=tuple(sorted(effects, key=lambda effect: -abs(effect.points))),
    )


def matter_of(features: Mapping[str, float], model: Model) -> tuple[Category, int]:
    """The most likely category and urgency, the same as `judge` returns with the rest."""
    points = _points(_known(features, model), model[""])
    urgency, _ = _when(points[_URGENCY:_RESPONSE], points[_RESPONSE:_ACTION])
    return _best(Category, points[:_MOODS]), urgency


def _known(features: Mapping[str, float], model: Model) -> list[Known]:
    names = sorted(filter(model.__contains__, features))
    return [(name, features[name], model[name]) for name in names]


def _points(known: Sequence[Known], everybodys: Row) -> list[float]:
    # In order of name: added up in another order, two equal answers are not equal.
    values = [1.0, *[value for _, value, _ in known]]
    columns = zip(everybodys, *[row for _, _, row in known], strict=True)
    return [sum(map(mul, values, column)) / HUNDREDTHS for column in columns]


def _best(answers: Any, points: Sequence[float]) -> Any:
    return max(zip(points, answers, strict=True), key=lambda one: one[0])[1]


def _when(of_urgency: Sequence[float], of_time: Sequence[float]) -> tuple[int, ResponseTime]:
    """The most likely pair of urgency and time that go together."""
    likely = [_chance(one) for one in of_urgency]
    times = dict(zip(ResponseTime, map(_chance, of_time), strict=True))
    pairs = [
        (likely[urgency - 1] + times[time] + _CAUTION * (urgency >= URGENT_FROM), urgency, time)
        for urgency in URGENCIES
        for time in _TIMES[urgency]
    ]
    _, urgency, time = max(pairs, key=lambda one: one[0])
    return urgency, time


def _chance(points: float) -> float:
    return 1 / (1 + exp(-points))


def _effects(known: Sequence[Known], category: Category, sentiment: Sentiment) -> Iterator[Effect]:
    """For urgency: what indicates an urgent message and rules out a calm one."""
    labels = [(category, ANSWERS.index(category)), (sentiment, ANSWERS.index(sentiment))]
    for name, value, row in known:
        for label, column in labels:
            points = value * row[column] / HUNDREDTHS
            if points >= _LEAST_TOLD or points <= -_LEAST_TOLD:
                yield Effect(name, label, points)
        urges = sum(row[_URGENT]) / _OF_URGENT - sum(row[_CALM]) / CALM_UP_TO
        points = value * urges / HUNDREDTHS
        if points >= _LEAST_TOLD or points <= -_LEAST_TOLD:
            yield Effect(name, "urgency", points)


class Rows(Mapping[str, Row]):
    """Points by feature, two bytes each: tuples of them take five times as much."""

    def __init__(self, points: Mapping[str, Sequence[int]]) -> None:
        self._places = {name: place for place, name in enumerate(points)}
        self._points = array("h", chain.from_iterable(points.values()))

    def __getitem__(self, name: str) -> Row:
        begin = self._places[name] * len(ANSWERS)
        return self._points[begin : begin + len(ANSWERS)]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@cache
def learned() -> Model:
    """Points in hundredths for each of `ANSWERS`, by feature; those of "" apply always."""
    document = json.loads((files(__package__) / "learned.json").read_text("utf-8"))
    return Rows(document["points"])
