"""How much a text reads like danger to somebody who has seen thousands: learnt, not listed; pure.

The rules of danger.py see what is told in words that they know. This sees it in other words, and
says how sure it is; danger_learned.json is written by tests/analysis/learn_danger.py.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import NamedTuple

from izer_bridge.analysis.folding import fold, visible
from izer_bridge.model.danger import Danger

HUNDREDTHS = 100
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 120
# Parts of words carry endings and slips of the thumb; pairs carry what happens to what.
_SHORTEST, _LONGEST = 2, 5
_STEM = 6
_REACH = 4
_SHOWN = 3


class Sign(NamedTuple):
    """A feature of a text, and the place of the word that it begins in."""

    name: str
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Points in hundredths. `told` counts where the rules report danger, `least` makes it one.

    Points of signs add up and are divided by the root of their number, so that a story counts as
    much as a cry. `kinds` has a column for each Danger.
    """

    begin: int
    told: int
    least: int
    signs: Mapping[str, int]
    kinds: Mapping[str, Sequence[int]]


class Reading(NamedTuple):
    """`points` above 0 are danger, likeliest this one, told by `words`."""

    points: float
    danger: Danger | None = None
    words: str = ""


def signs_of(text: str) -> list[Sign]:
    """Each once, at the first place where it stands."""
    words = [match.group() for match in _WORD.finditer(fold(visible(text)))][:_MOST_WORDS]
    found: dict[str, int] = {}
    for place, word in enumerate(words):
        for name in (*_parts(word), *_pairs(words, place)):
            found.setdefault(name, place)
    return [Sign(name, place) for name, place in found.items()]


def read(text: str, *, is_told: bool, model: Learned | None = None) -> Reading:
    """For any text, in bounded time."""
    model = model or learned()
    known = [sign for sign in signs_of(text) if sign.name in model.signs]
    weight = 1 / sqrt(max(len(known), 1))
    of_signs = weight * sum(model.signs[sign.name] for sign in known)
    points = model.begin - model.least + model.told * is_told + of_signs
    if points <= 0:
        return Reading(points / HUNDREDTHS)
    return Reading(points / HUNDREDTHS, _kind(known, model), _telling(text, known, model))


def _parts(word: str) -> Iterator[str]:
    whole = f" {word} "
    for size in range(_SHORTEST, _LONGEST + 1):
        for begin in range(len(whole) - size + 1):
            yield f"c{whole[begin : begin + size]}"


def _pairs(words: Sequence[str], place: int) -> Iterator[str]:
    stem = words[place][:_STEM]
    yield f"w{stem}"
    following = words[place + 1 : place + 1 + _REACH]
    for distance, other in enumerate(following):
        yield f"{'s' if distance else 'w'}{stem} {other[:_STEM]}"


def _kind(known: Sequence[Sign], model: Learned) -> Danger:
    columns = [
        model.kinds[""],
        *(model.kinds[one.name] for one in known if one.name in model.kinds),
    ]
    sums = [sum(column) for column in zip(*columns, strict=True)]
    return max(zip(sums, Danger, strict=True), key=lambda one: one[0])[1]


def _telling(text: str, known: Sequence[Sign], model: Learned) -> str:
    """The words that spoke most for danger, as they stand."""
    points: Counter[int] = Counter()
    for sign in known:
        points[sign.place] += model.signs[sign.name]
    written = [match.group() for match in _WORD.finditer(visible(text))]
    places = sorted(place for place, told in points.most_common(_SHOWN) if told > 0)
    return " … ".join(written[place] for place in places if place < len(written))


@cache
def learned() -> Learned:
    document = json.loads((files(__package__) / "danger_learned.json").read_text("utf-8"))
    return Learned(
        document["begin"],
        document["told"],
        document["least"],
        document["signs"],
        {name: tuple(row) for name, row in document["kinds"].items()},
    )
