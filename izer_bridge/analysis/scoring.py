"""Signals into a category, an urgency and a mood, by adding weights. It reads no text."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import exp, tanh

from izer_bridge.analysis.context import Context
from izer_bridge.analysis.learned import points_of
from izer_bridge.analysis.signals import Signals
from izer_bridge.analysis.weights import Weight, weights
from izer_bridge.model.analysis import Category, Sentiment

# A message with this many points of its own needs no history to say what it is about.
_SPEAKS_FOR_ITSELF = 2.5
# What nothing speaks for is talk, or else a question.
_HEAD_START = {Category.GENERAL: 0.1, Category.INQUIRY: 0.05}
# What says nothing about the message that follows: talk, and in the shop's mouth questions too.
_NO_TOPIC = frozenset({Category.GENERAL})
_SHOPS_OWN = frozenset({Category.GENERAL, Category.INQUIRY, Category.COMPLAINT})
_DISPLEASED = 0.7
_SUSPICION = 0.5
_REPETITION = 0.3
_MOST_REPETITIONS = 3
# Haste adds up to so much; 9 and 10 are for danger, law and a business at a standstill.
_MOST_PLUS = 3.2
_MOST_WITHOUT_DANGER = 8.4
_LEAST = {Category.GENERAL: 1.0, Category.INQUIRY: 2.0, Category.SALES: 2.0}
_LEAST_WITH_A_CASE = 2.6
_DOUBT = 2.0
_MOST_CONFIDENCE = 0.95
_NEUTRAL = 1.0
_COMPLAINING = 2.5
_PRESSING_FROM = 6.8
_PRESSING = 1.5


@dataclass(frozen=True, slots=True)
class Effect:
    """What one signal did: `how` is "+", ">=" or "<=", `on` a label or "urgency"."""

    signal: str
    on: str
    how: str
    value: float


@dataclass(frozen=True, slots=True)
class Score:
    """Points for each label, the urgency before rounding, and what led there."""

    categories: Mapping[Category, float]
    moods: Mapping[Sentiment, float]
    urgency: float
    effects: tuple[Effect, ...]

    @property
    def category(self) -> Category:
        return max(self.categories, key=lambda category: self.categories[category])

    @property
    def sentiment(self) -> Sentiment:
        return max(self.moods, key=lambda mood: self.moods[mood])

    @property
    def confidence(self) -> float:
        """The category's share among all, 0–1: the higher, the farther the others are behind."""
        best = max(self.categories.values())
        shares = (exp((points - best) / _DOUBT) for points in self.categories.values())
        return min(_MOST_CONFIDENCE, 1 / sum(shares))


def score(signals: Signals, context: Context) -> Score:
    """What the signals of a message and of its chat come to."""
    of_category = list(_on_category(_times(signals, context.names)))
    of_category += _learnt(signals, of_category)
    points = dict.fromkeys(Category, 0.0) | _HEAD_START
    for effect in of_category:
        points[Category(effect.on)] += effect.value
    for category, value in _carried(max(points.values()), context).items():
        points[category] += value
    category = max(points, key=lambda one: points[one])
    names = signals.found.keys() | context.names
    of_urgency = list(_on_urgency(names))
    urgency = _urgency(category, of_urgency)
    of_mood = list(_on_mood(names))
    return Score(
        categories=points,
        moods=_moods(of_mood, category, urgency),
        urgency=urgency,
        effects=(*of_category, *of_urgency, *of_mood),
    )


def _times(signals: Signals, names: AbstractSet[str] = frozenset()) -> dict[str, int]:
    """By how many different words each signal is shown."""
    return dict.fromkeys(names, 1) | {name: len(shown) for name, shown in signals.found.items()}


def _learnt(signals: Signals, named: list[Effect]) -> list[Effect]:
    """What the words add that no signal names; of themselves they make no complaint."""
    points = dict(points_of(signals.beginnings))
    displeasure = sum(effect.value for effect in named if effect.on == Category.COMPLAINT)
    if displeasure < _DISPLEASED:
        most = -_SUSPICION if "question" in signals else _SUSPICION
        points[Category.COMPLAINT] = min(points[Category.COMPLAINT], most)
    return [Effect("words", category, "+", value) for category, value in points.items()]


def _present(names: AbstractSet[str]) -> Iterator[tuple[str, Weight]]:
    for name in sorted(names & weights().signals.keys()):
        yield name, weights().signals[name]


def _on_category(times: Mapping[str, int]) -> Iterator[Effect]:
    """A signal that is shown by more words counts for more."""
    for name, weight in _present(times.keys()):
        emphasis = 1 + _REPETITION * min(max(times[name] - 1, 0), _MOST_REPETITIONS)
        for category, value in weight.categories.items():
            yield Effect(name, category, "+", emphasis * value)


def _carried(own: float, context: Context) -> dict[Category, float]:
    """What the chat's topics add, as far as the message does not say what it is about."""
    points = dict.fromkeys(Category, 0.0)
    share = max(0.0, 1 - own / _SPEAKS_FOR_ITSELF)
    for topic in context.topics if share else ():
        for effect in _on_category(_times(topic.signals)):
            if effect.on not in (_SHOPS_OWN if topic.is_shops else _NO_TOPIC):
                points[Category(effect.on)] += share * topic.counts * effect.value
    return points


def _on_urgency(names: AbstractSet[str]) -> Iterator[Effect]:
    for name, weight in _present(names):
        if weight.plus:
            yield Effect(name, "urgency", "+", weight.plus)
        if weight.at_least is not None and weight.unless.isdisjoint(names):
            yield Effect(name, "urgency", ">=", weight.at_least)
        if weight.at_most is not None:
            yield Effect(name, "urgency", "<=", weight.at_most)


def _urgency(category: Category, effects: list[Effect]) -> float:
    """The resting urgency with haste added, then danger's floor, then advertising's ceiling."""
    by: dict[str, list[float]] = {"+": [], ">=": [], "<=": []}
    for effect in effects:
        by[effect.how].append(effect.value)
    urgency = weights().resting[category] + _MOST_PLUS * tanh(sum(by["+"]) / _MOST_PLUS)
    urgency = max(urgency, _LEAST.get(category, _LEAST_WITH_A_CASE))
    urgency = min(urgency, _MOST_WITHOUT_DANGER)
    return min([max([urgency, *by[">="]]), *by["<="]])


def _on_mood(names: AbstractSet[str]) -> Iterator[Effect]:
    for name, weight in _present(names):
        for mood, value in weight.moods.items():
            yield Effect(name, mood, "+", value)


def _moods(effects: list[Effect], category: Category, urgency: float) -> dict[Sentiment, float]:
    points = dict.fromkeys(Sentiment, 0.0) | {Sentiment.NEUTRAL: _NEUTRAL}
    for effect in effects:
        points[Sentiment(effect.on)] += effect.value
    if category is Category.COMPLAINT:
        points[Sentiment.NEGATIVE] += _COMPLAINING
    elif urgency >= _PRESSING_FROM:
        points[Sentiment.URGENT] += _PRESSING
    return points
