"""Signals into a category, an urgency and a mood, by adding weights. It reads no text."""

from collections.abc import Iterator, Mapping
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
_HEAD_START = {Category.GENERAL: 0.2, Category.INQUIRY: 0.05}
# What says nothing about the message that follows: talk, and in the shop's mouth questions too.
_NO_TOPIC = frozenset({Category.GENERAL})
_SHOPS_OWN = frozenset({Category.GENERAL, Category.INQUIRY, Category.COMPLAINT})
# With fewer points for a complaint than this, its words alone may add no more than a suspicion.
_DISPLEASED = 0.7
_SUSPICION = 0.3
_REPETITION = 0.3
_MOST_REPETITIONS = 3
# In a text of more words a single word says little of the whole.
_LONG_TEXT = 60
_SURE_ENOUGH = 0.5
# Haste adds up to so much; 9 and 10 are for danger, law and a business at a standstill.
_MOST_PLUS = 3.2
_MOST_WITHOUT_DANGER = 8.4
_LEAST = {Category.GENERAL: 1.0, Category.INQUIRY: 2.0, Category.SALES: 2.0}
_LEAST_WITH_A_CASE = 2.6
_DOUBT = 2.0
_MOST_CONFIDENCE = 0.95
# Points of the moods that a category or an urgency brings with it.
_NEUTRAL = 1.0
_COMPLAINING = 2.5
_PRESSING_FROM = 6.8
_PRESSING = 1.5
_TRADE = (Category.SALES, Category.INQUIRY)
_EAGER = 0.8


@dataclass(frozen=True, slots=True)
class Effect:
    """What one signal did: `how` is "+", "from", ">=" or "<=", `on` a label or "urgency"."""

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
    strengths = _strengths(signals) | dict.fromkeys(context.names, 1.0)
    of_category = list(_on_category(strengths))
    of_category += _learnt(signals, of_category)
    points = dict.fromkeys(Category, 0.0) | _HEAD_START
    for effect in of_category:
        points[Category(effect.on)] += effect.value
    for category, value in _carried(max(points.values()), context).items():
        points[category] += value
    category = max(points, key=lambda one: points[one])
    of_urgency = list(_on_urgency(strengths))
    urgency = _urgency(category, of_urgency)
    of_mood = list(_on_mood(strengths))
    return Score(
        categories=points,
        moods=_moods(of_mood, category, urgency),
        urgency=urgency,
        effects=(*of_category, *of_urgency, *of_mood),
    )


def _strengths(signals: Signals) -> dict[str, float]:
    """How much each signal counts: more when more words show it, less when a long text has one."""
    density = _density(signals)
    return {
        name: (1 + _REPETITION * min(max(len(shown) - 1, 0), _MOST_REPETITIONS))
        * min(1.0, density * max(1, len(shown)))
        for name, shown in signals.found.items()
    }


def _density(signals: Signals) -> float:
    """How much one word counts among all of the text's, 0–1."""
    return min(1.0, _LONG_TEXT / max(1, signals.words))


def _learnt(signals: Signals, named: list[Effect]) -> list[Effect]:
    """What the words add that no signal names; of themselves they make no complaint."""
    points = dict(points_of(signals.beginnings))
    displeasure = sum(effect.value for effect in named if effect.on == Category.COMPLAINT)
    if displeasure < _DISPLEASED:
        suspicion = min(displeasure, _SUSPICION)
        most = -suspicion if "question" in signals else suspicion
        points[Category.COMPLAINT] = min(points[Category.COMPLAINT], most)
    density = _density(signals)
    return [Effect("words", category, "+", density * value) for category, value in points.items()]


def _present(strengths: Mapping[str, float]) -> Iterator[tuple[str, float, Weight]]:
    for name in sorted(strengths.keys() & weights().signals.keys()):
        yield name, strengths[name], weights().signals[name]


def _on_category(strengths: Mapping[str, float]) -> Iterator[Effect]:
    for name, strength, weight in _present(strengths):
        for category, value in weight.categories.items():
            yield Effect(name, category, "+", strength * value)


def _carried(own: float, context: Context) -> dict[Category, float]:
    """What the chat's topics add, as far as the message does not say what it is about."""
    points = dict.fromkeys(Category, 0.0)
    share = max(0.0, 1 - own / _SPEAKS_FOR_ITSELF)
    for topic in context.topics if share else ():
        for effect in _on_category(_strengths(topic.signals)):
            if effect.on not in (_SHOPS_OWN if topic.is_shops else _NO_TOPIC):
                points[Category(effect.on)] += share * topic.counts * effect.value
    return points


def _on_urgency(strengths: Mapping[str, float]) -> Iterator[Effect]:
    for name, strength, weight in _present(strengths):
        if weight.rests_at is not None:
            yield Effect(name, "urgency", "from", weight.rests_at)
        if weight.plus:
            yield Effect(name, "urgency", "+", strength * weight.plus)
        if weight.at_least is not None and weight.unless.isdisjoint(strengths):
            yield Effect(name, "urgency", ">=", weight.at_least)
        if weight.at_most is not None and strength >= _SURE_ENOUGH:
            yield Effect(name, "urgency", "<=", weight.at_most)


def _urgency(category: Category, effects: list[Effect]) -> float:
    """The resting urgency with haste added, then danger's floor, then advertising's ceiling."""
    by: dict[str, list[float]] = {"from": [], "+": [], ">=": [], "<=": []}
    for effect in effects:
        by[effect.how].append(effect.value)
    resting = max([weights().resting[category], *by["from"]])
    urgency = resting + _MOST_PLUS * tanh(sum(by["+"]) / _MOST_PLUS)
    urgency = max(urgency, _LEAST.get(category, _LEAST_WITH_A_CASE))
    urgency = min(urgency, _MOST_WITHOUT_DANGER)
    return min([max([urgency, *by[">="]]), *by["<="]])


def _on_mood(strengths: Mapping[str, float]) -> Iterator[Effect]:
    """What takes an alarm back takes its distress back, too."""
    for name, strength, weight in _present(strengths):
        is_off = not weight.unless.isdisjoint(strengths)
        for mood, value in weight.moods.items():
            if not (is_off and mood == Sentiment.URGENT):
                yield Effect(name, mood, "+", strength * value)


def _moods(effects: list[Effect], category: Category, urgency: float) -> dict[Sentiment, float]:
    """Complaints are negative; haste is distress, though not in whoever only wants to buy."""
    points = dict.fromkeys(Sentiment, 0.0) | {Sentiment.NEUTRAL: _NEUTRAL}
    for effect in effects:
        points[Sentiment(effect.on)] += effect.value
    if category is Category.COMPLAINT:
        points[Sentiment.NEGATIVE] += _COMPLAINING
    elif category in _TRADE:
        points[Sentiment.URGENT] -= _EAGER
    elif urgency >= _PRESSING_FROM:
        points[Sentiment.URGENT] += _PRESSING
    return points
