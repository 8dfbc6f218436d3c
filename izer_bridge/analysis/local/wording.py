"""An analysis in words for people: context, next step, keywords, reasons. It decides nothing."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from izer_bridge.analysis.local.learned import Judgement
from izer_bridge.analysis.local.signals import Signals
from izer_bridge.domain.analysis import Category
from izer_bridge.domain.danger import Danger

_SIGN = "sign:"
MOST_KEYWORDS = 8
MOST_REASONS = 24
_LONGEST_KEYWORD = 40
_MOST_WORDS_SHOWN = 3
# Signals that many messages have and that say nothing about this one.
_COMMON = frozenset(
    {"question", "please", "greeting", "ack", "not_before", "not_after", "not_there", "denied_verb"}
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What it is `about` and what to do `next`, each one Turkish sentence."""

    about: str
    next: str


@dataclass(frozen=True, slots=True)
class SpecialWording:
    """Applies if its feature had an effect and the message is urgent enough."""

    feature: str
    from_urgency: int
    wording: Wording


def wording_of(judgement: Judgement) -> Wording:
    """The sentences of the most important situation that had an effect, or of the category."""
    situations, categories, _ = _wordings()
    effective = {effect.feature for effect in judgement.effects if effect.points > 0}
    told = (
        one.wording
        for one in situations
        if one.feature in effective and judgement.urgency >= one.from_urgency
    )
    return next(told, categories[judgement.category])


def wording_of_danger(danger: Danger) -> Wording:
    return _wordings()[2][danger]


def keywords_of(judgement: Judgement, signals: Signals) -> tuple[str, ...]:
    """The written words that contributed most, the strongest first, none of them twice."""
    keywords: list[str] = []
    told: set[str] = set()
    for effect in judgement.effects:
        signal = effect.feature.removeprefix(_SIGN)
        if effect.points < 0 or signal in _COMMON:
            continue
        for shown in signals.found.get(signal, ()):
            words = shown.casefold().split()
            if len(words) <= _MOST_WORDS_SHOWN and len(shown) <= _LONGEST_KEYWORD:
                if not told.issuperset(words):
                    keywords.append(shown.casefold())
                told.update(words)
    return tuple(keywords[:MOST_KEYWORDS])


def reasons_of(judgement: Judgement, signals: Signals) -> tuple[str, ...]:
    """One line for each effect: `technical +0.9 sign:brake (freni)`."""
    return tuple(
        f"{effect.on} {effect.points:+.1f} {effect.feature}{_shown(signals, effect.feature)}"
        for effect in judgement.effects[:MOST_REASONS]
    )


def _shown(signals: Signals, feature: str) -> str:
    words = signals.found.get(feature.removeprefix(_SIGN), ())
    return f" ({', '.join(words[:_MOST_WORDS_SHOWN])})" if words else ""


@cache
def _wordings() -> tuple[
    Sequence[SpecialWording], Mapping[Category, Wording], Mapping[Danger, Wording]
]:
    tables = tomllib.loads((files(__package__) / "wording.toml").read_text("utf-8"))
    return (
        [
            SpecialWording(one["feature"], one.get("from_urgency", 1), _wording(one))
            for one in tables["situation"]
        ],
        {Category(name): _wording(one) for name, one in tables["category"].items()},
        {Danger(name): _wording(one) for name, one in tables["danger"].items()},
    )


def _wording(table: Mapping[str, str]) -> Wording:
    return Wording(table["about"], table["next"])
