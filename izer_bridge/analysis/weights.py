"""The weights of signals, from weights.toml. It decides nothing."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from izer_bridge.model.analysis import Category, Sentiment


@dataclass(frozen=True, slots=True)
class Weight:
    """What one signal speaks for; weights.toml explains the fields."""

    categories: Mapping[Category, float]
    moods: Mapping[Sentiment, float]
    plus: float
    rests_at: float | None
    at_least: float | None
    at_most: float | None
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weights:
    """The urgency each category has by itself, and every signal's weight."""

    resting: Mapping[Category, float]
    signals: Mapping[str, Weight]


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
        rests_at=numbers.pop("rests_at", None),
        at_least=numbers.pop("at_least", None),
        at_most=numbers.pop("at_most", None),
        unless=frozenset(unless if isinstance(unless, list) else ()),
    )
    if numbers:
        raise ValueError(f"weights.toml: {sorted(numbers)} are no labels")
    return weight
