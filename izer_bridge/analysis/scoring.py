"""Signals into a category, an urgency and a mood, by adding the weights of weights.toml."""

import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import tanh

from izer_bridge.analysis.context import Context
from izer_bridge.analysis.signals import Signals
from izer_bridge.model.analysis import Category, Sentiment

# A message with this many points of its own needs no history to say what it is about.
_SPEAKS_FOR_ITSELF = 2.5
_NEUTRAL = 1.0
_PRESSING = 6.8
# What nothing speaks for is talk, or else a question.
_HEAD_START = {Category.GENERAL: 0.1, Category.INQUIRY: 0.05}
_REPETITION = 0.3
_MOST_REPETITIONS = 3
# Haste adds up to so much; 9 and 10 are for danger, law and a business at a standstill.
_MOST_PLUS = 3.2
_MOST_WITHOUT_DANGER = 8.4
_LEAST = {Category.GENERAL: 1.0, Category.INQUIRY: 2.0, Category.SALES: 2.0}
_LEAST_WITH_A_CASE = 2.6


@dataclass(frozen=True, slots=True)
class Weight:
    categories: Mapping[Category, float]
    moods: Mapping[Sentiment, float]
    plus: float
    at_least: float | None
    at_most: float | None
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weights:
    resting: Mapping[Category, float]
    signals: Mapping[str, Weight]


@dataclass(frozen=True, slots=True)
class Score:
    """Points for each label, the urgency before rounding, and what led there.

    `telling` are signals by the strength of their effect, strongest first.
    """

    categories: Mapping[Category, float]
    moods: Mapping[Sentiment, float]
    urgency: float
    telling: tuple[str, ...]
    reasons: tuple[str, ...] = field(default=(), compare=False)

    @property
    def category(self) -> Category:
        return max(self.categories, key=lambda category: self.categories[category])

    @property
    def sentiment(self) -> Sentiment:
        return max(self.moods, key=lambda mood: self.moods[mood])


def score(signals: Signals, context: Context) -> Score:
    """What the signals of a message and of its chat come to."""
    present = {name: len(shown) for name, shown in signals.found.items()}
    present |= dict.fromkeys(context.names, 1)
    categories = _categories(present)
    _carry(categories, context)
    category = max(categories, key=lambda one: categories[one])
    urgency, reasons = _urgency(category, present.keys())
    telling = sorted(
        (name for name in signals.found if name in weights().signals),
        key=lambda name: -_strength(weights().signals[name], category),
    )
    moods = _moods(present.keys(), category, urgency)
    return Score(categories, moods, urgency, tuple(telling), tuple(reasons))


def _categories(present: Mapping[str, int]) -> dict[Category, float]:
    """Points for each category; a signal shown by more words counts for more."""
    points = dict.fromkeys(Category, 0.0) | _HEAD_START
    for name, times in present.items():
        weight = weights().signals.get(name)
        if weight:
            emphasis = 1 + _REPETITION * min(max(times - 1, 0), _MOST_REPETITIONS)
            for category, value in weight.categories.items():
                points[category] += emphasis * value
    return points


def _carry(points: dict[Category, float], context: Context) -> None:
    """Adds the chat's topics as far as the message does not say what it is about."""
    own = max(points.values())
    share = max(0.0, 1 - own / _SPEAKS_FOR_ITSELF)
    for signals, weight in context.topics:
        earlier = _categories({name: len(shown) for name, shown in signals.found.items()})
        for category, value in earlier.items():
            if category is not Category.GENERAL:
                points[category] += share * weight * value


def _urgency(category: Category, names: AbstractSet[str]) -> tuple[float, list[str]]:
    resting = weights().resting[category]
    reasons = [f"{category}: {resting:g}"]
    present = [(name, weights().signals[name]) for name in sorted(names & weights().signals.keys())]
    plus = 0.0
    for name, weight in present:
        if weight.plus:
            plus += weight.plus
            reasons.append(f"{name}: {weight.plus:+g}")
    urgency = resting + _MOST_PLUS * tanh(plus / _MOST_PLUS)
    urgency = max(urgency, _LEAST.get(category, _LEAST_WITH_A_CASE))
    urgency = min(urgency, _MOST_WITHOUT_DANGER)
    for name, weight in present:
        if weight.at_least is not None and weight.unless.isdisjoint(names):
            urgency = max(urgency, weight.at_least)
            reasons.append(f"{name}: >= {weight.at_least:g}")
    for name, weight in present:
        if weight.at_most is not None:
            urgency = min(urgency, weight.at_most)
            reasons.append(f"{name}: <= {weight.at_most:g}")
    return urgency, reasons


def _moods(names: AbstractSet[str], category: Category, urgency: float) -> dict[Sentiment, float]:
    points = dict.fromkeys(Sentiment, 0.0)
    points[Sentiment.NEUTRAL] = _NEUTRAL
    for name in names:
        weight = weights().signals.get(name)
        if weight:
            for mood, value in weight.moods.items():
                points[mood] += value
    if category is Category.COMPLAINT:
        points[Sentiment.NEGATIVE] += 2.5
    elif urgency >= _PRESSING:
        points[Sentiment.URGENT] += 1.5
    return points


def _strength(weight: Weight, category: Category) -> float:
    return weight.categories.get(category, 0.0) + abs(weight.plus) + (weight.at_least or 0) / 3


@cache
def weights() -> Weights:
    """The weights of the package's file, read once. Raises ValueError for an unknown name."""
    tables = tomllib.loads((files(__package__) / "weights.toml").read_text("utf-8"))
    return Weights(
        resting={Category(name): value for name, value in tables["resting"].items()},
        signals={name: _weight(table) for name, table in tables["signals"].items()},
    )


def _weight(table: dict[str, float | list[str]]) -> Weight:
    numbers = {name: value for name, value in table.items() if isinstance(value, int | float)}
    unless = table.get("unless", [])
    weight = Weight(
        categories={one: numbers.pop(one) for one in Category if one in numbers},
        moods={one: numbers.pop(one) for one in Sentiment if one in numbers},
        plus=numbers.pop("plus", 0.0),
        at_least=numbers.pop("at_least", None),
        at_most=numbers.pop("at_most", None),
        unless=frozenset(unless if isinstance(unless, list) else ()),
    )
    if numbers:
        raise ValueError(f"weights.toml: {sorted(numbers)} are no labels")
    return weight
