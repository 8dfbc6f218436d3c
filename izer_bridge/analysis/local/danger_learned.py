"""How much a text reads like danger to somebody who has seen thousands: learnt, not listed; pure.

The rules of danger.py see what is told in words that they know. This sees it in other words, and
says how sure it is; danger_learned.json is written by tests/analysis/learn_danger.py.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from math import sqrt
from sys import intern
from typing import Any, NamedTuple

from izer_bridge.analysis.local.packed import Packed
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.folding import fold, visible

HUNDREDTHS = 100
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 120
# Parts of words carry endings and slips of the thumb; pairs carry what happens to what.
_SHORTEST, _LONGEST = 2, 5
_STEM = 6
_REACH = 4
_SHOWN = 3
# People use the same few thousand words.
_REMEMBERED = 1 << 13


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Points in hundredths. `told` counts where the rules report danger, `least` makes it one.

    Points of signs add up and are divided by the root of their number, so that a story counts as
    much as a cry; so do those of `marks`, what the rules call its words. `kinds` has a column for
    each Danger.
    """

    begin: int
    told: int
    least: int
    signs: Packed
    marks: Mapping[str, int]
    kinds: Mapping[str, Sequence[int]]


class Reading(NamedTuple):
    """`points` above 0 are danger, likeliest this one, told by `words`."""

    points: float
    danger: Danger | None = None
    words: str = ""


def signs_of(text: str) -> dict[str, int]:
    """The features of a text, each with the first place of a word that it begins in."""
    words = _words(fold(visible(text)))
    pairs = _pairs(words)
    found: dict[str, int] = {}
    for place, word in enumerate(words):
        beside = (names[place] for names in pairs if place < len(names))
        for name in chain(_parts(word), beside):
            found.setdefault(name, place)
    return found


def read(
    text: str, marks: Collection[str], *, is_told: bool, model: Learned | None = None
) -> Reading:
    """For any text, in bounded time."""
    model = model or learned()
    words = _words(fold(visible(text)))
    known = dict(model.signs.of(chain.from_iterable(_pairs(words))))
    for word in words:
        known.update(_known_parts(word, model))
    of_signs = _together([*known.values()])
    of_marks = _together([model.marks[name] for name in marks if name in model.marks])
    points = model.begin - model.least + model.told * is_told + of_signs + of_marks
    if points <= 0:
        return Reading(points / HUNDREDTHS)
    kind = _kind(chain(known, map(of_mark, marks)), model)
    return Reading(points / HUNDREDTHS, kind, _telling(text, model))


def of_mark(name: str) -> str:
    """As a row of `kinds`, beside the signs."""
    return f"m{name}"


def _together(points: Sequence[int]) -> float:
    return sum(points) / sqrt(max(len(points), 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)[:_MOST_WORDS]


@lru_cache(_REMEMBERED)
def _known_parts(word: str, model: Learned) -> tuple[tuple[str, int], ...]:
    """Interned, so that all words share their parts."""
    return tuple((intern(name), told) for name, told in model.signs.of(_parts(word)))


def _parts(word: str) -> list[str]:
    whole = f" {word} "
    return [
        f"c{whole[begin : begin + size]}"
        for size in range(_SHORTEST, _LONGEST + 1)
        for begin in range(len(whole) - size + 1)
    ]


def _pairs(words: Sequence[str]) -> list[list[str]]:
    """The stems, each with the next one, and each with those further on, all by their places."""
    stems = [word[:_STEM] for word in words]
    return [
        [f"w{stem}" for stem in stems],
        [f"w{stem} {other}" for stem, other in pairwise(stems)],
        *(
            [f"s{stem} {other}" for stem, other in zip(stems, stems[apart:], strict=False)]
            for apart in range(2, _REACH + 1)
        ),
    ]


def _kind(names: Iterable[str], model: Learned) -> Danger:
    columns = [model.kinds[""], *(model.kinds[name] for name in names if name in model.kinds)]
    sums = [sum(column) for column in zip(*columns, strict=True)]
    return max(zip(sums, Danger, strict=True), key=lambda one: one[0])[1]


def _telling(text: str, model: Learned) -> str:
    """The words that spoke most for danger, as they stand."""
    points: Counter[int] = Counter()
    places = signs_of(text)
    for name, told in model.signs.of(places):
        points[places[name]] += told
    written = _WORD.findall(visible(text))
    shown = sorted(place for place, told in points.most_common(_SHOWN) if told > 0)
    return " … ".join(written[place] for place in shown if place < len(written))


@cache
def learned() -> Learned:
    return model_of(json.loads((files(__package__) / "danger_learned.json").read_text("utf-8")))


def model_of(document: Mapping[str, Any]) -> Learned:
    """From what the file holds."""
    once: dict[int, int] = {}
    return Learned(
        document["begin"],
        document["told"],
        document["least"],
        Packed(document["signs"]),
        document["marks"],
        {
            name: tuple([once.setdefault(one, one) for one in row])
            for name, row in document["kinds"].items()
        },
    )
