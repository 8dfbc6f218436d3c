"""How much a text reads like danger, learnt from thousands of messages instead of listed; pure.

The rules of danger.py recognise danger in words that they know. This recognises it in other words,
and says how certain it is; danger_learned.json is written by tests/analysis/learn_danger.py.
"""

import json
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from math import sqrt
from typing import Any, NamedTuple

from izer_bridge.analysis.local.packed import Packed, PackedRows
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.folding import fold, visible

HUNDREDTHS = 100
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 120
# Parts of words capture endings and typos; pairs capture what happens to what.
_SHORTEST, _LONGEST = 2, 5
_STEM = 6
_REACH = 4
# How a stem precedes another: directly, or at this distance.
_KINDS_OF_PAIR = ("w", *("s" for _ in range(2, _REACH + 1)))
_SHOWN = 3
# The names of word parts begin so; "w" and "s" begin those of stems.
_PART = "c"
# Ninety-nine in a hundred of the messages that taught have fewer. What is longer counts no more
# than they do, and as nobody taught what letters are like, it overrules no rule.
MOST_SIGNS = 500
# People use the same few thousand words.
_REMEMBERED = 1 << 13


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Points in hundredths. `told` is added if the rules report danger; above `least` it is danger.

    Features' points add up, each by `share_of_one`; so do those of `marks`, the rules' names for
    its words. Features are `parts` of words by their letters, and `stems` by their names; `firsts`
    and `seconds` are the hashes of stems that occur in pairs, in order. `begins` and `kinds` have a
    column for each Danger.
    """

    begin: int
    told: int
    least: int
    parts: Packed
    stems: Packed
    firsts: Sequence[int]
    seconds: Sequence[int]
    marks: Packed
    begins: Sequence[int]
    kinds: PackedRows


class DangerReading(NamedTuple):
    """`points` above 0 mean danger: probably this one, told by `words`, unless the rules know.

    `is_letter`: longer than what taught.
    """

    points: float
    is_letter: bool
    danger: Danger | None = None
    words: str = ""


def signs_of(text: str) -> dict[str, int]:
    """The features of a text, each with the first word position at which it begins."""
    words = _words(fold(visible(text)))
    pairs = _pairs(words)
    found: dict[str, int] = {}
    for place, word in enumerate(words):
        beside = (names[place] for names in pairs if place < len(names))
        for name in chain(map(_of_part, _parts(word)), beside):
            found.setdefault(name, place)
    return found


def read(
    text: str, marks: Collection[str], *, is_told: bool, model: Learned | None = None
) -> DangerReading:
    """For any text, in bounded time."""
    model = model or learned()
    words = _words(fold(visible(text)))
    # Most words have been read before; sets of positions show which features occur twice.
    parts = {*chain.from_iterable([_known_parts(word, model) for word in words])}
    stems = {*model.stems.places(_known_pairs(words, model))}
    of_signs = _together((model.parts, parts), (model.stems, stems))
    of_marks = _together((model.marks, [*model.marks.places(marks)]))
    points = model.begin - model.least + model.told * is_told + of_signs + of_marks
    is_letter = len(parts) + len(stems) > MOST_SIGNS
    if points <= 0 or is_told:
        return DangerReading(points / HUNDREDTHS, is_letter)
    signs = signs_of(text)
    kind = _kind(chain(signs, map(of_mark, marks)), model)
    return DangerReading(points / HUNDREDTHS, is_letter, kind, _telling(text, signs, model))


def of_mark(name: str) -> str:
    """As a row of `kinds`, beside the features."""
    return f"m{name}"


def _together(*told_by: tuple[Packed, Collection[int]]) -> float:
    points = sum(sum(map(of.numbers.__getitem__, places)) for of, places in told_by)
    return points * share_of_one(sum(len(places) for _, places in told_by))


def share_of_one(count: int) -> float:
    """How much each of so many counts: a story as much as a cry, a letter no more than a story."""
    return sqrt(min(count, MOST_SIGNS)) / max(count, 1)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)[:_MOST_WORDS]


@lru_cache(_REMEMBERED)
def _known_parts(word: str, model: Learned) -> Sequence[int]:
    """An array: a set of each word would hold ten megabytes."""
    return array("I", model.parts.places(_parts(word)))


def _parts(word: str) -> list[str]:
    whole = f" {word} "
    return [
        whole[begin : begin + size]
        for size in range(_SHORTEST, _LONGEST + 1)
        for begin in range(len(whole) - size + 1)
    ]


def _pairs(words: Sequence[str]) -> list[list[str]]:
    """The stems, each paired with the next one and with those further on, all by position."""
    stems = [word[:_STEM] for word in words]
    return [
        [f"w{stem}" for stem in stems],
        [f"w{stem} {other}" for stem, other in pairwise(stems)],
        *(
            [f"s{stem} {other}" for stem, other in zip(stems, stems[apart:], strict=False)]
            for apart in range(2, _REACH + 1)
        ),
    ]


def _known_pairs(words: Sequence[str], model: Learned) -> Iterator[str]:
    """All known ones among the `_pairs`, and few others: most stems occur in none."""
    joins = [_joins(word, model) for word in words]
    stems = [word[:_STEM] for word in words]
    yield from (f"w{stem}" for stem in stems)
    for apart, kind in enumerate(_KINDS_OF_PAIR, 1):
        for stem, (opens, _), other, (_, closes) in zip(
            stems, joins, stems[apart:], joins[apart:], strict=False
        ):
            if opens and closes:
                yield f"{kind}{stem} {other}"


@lru_cache(_REMEMBERED)
def _joins(word: str, model: Learned) -> tuple[bool, bool]:
    """Whether its stem is the first, and the second, of any known pair."""
    stem = hash(word[:_STEM])
    return _is_in(model.firsts, stem), _is_in(model.seconds, stem)


def _is_in(ordered: Sequence[int], one: int) -> bool:
    place = bisect_left(ordered, one)
    return place < len(ordered) and ordered[place] == one


def _kind(names: Iterable[str], model: Learned) -> Danger:
    columns = zip(model.begins, *model.kinds.of(names), strict=True)
    sums = [sum(column) for column in columns]
    return max(zip(sums, Danger, strict=True), key=lambda one: one[0])[1]


def _telling(text: str, signs: Mapping[str, int], model: Learned) -> str:
    """The words that contributed most to danger, as written."""
    points: Counter[int] = Counter()
    for name, place in signs.items():
        points[place] += _points_of(name, model)
    written = _WORD.findall(visible(text))
    shown = sorted(place for place, told in points.most_common(_SHOWN) if told > 0)
    return " … ".join(written[place] for place in shown if place < len(written))


def _of_part(letters: str) -> str:
    return f"{_PART}{letters}"


def _points_of(name: str, model: Learned) -> int:
    is_part = name.startswith(_PART)
    return model.parts.of(name[1:]) if is_part else model.stems.of(name)


@cache
def learned() -> Learned:
    return model_of(json.loads((files(__package__) / "danger_learned.json").read_text("utf-8")))


def _in_order(stems: Iterable[str]) -> Sequence[int]:
    return array("q", sorted(map(hash, set(stems))))


def model_of(document: Mapping[str, Any]) -> Learned:
    """Builds the model from the file's content, of which it keeps no text: that would hold memory
    many times its own size, which is free again once the file is read.
    """
    signs, kinds = document["signs"], document["kinds"]
    pairs = [name.split(" ") for name in signs if " " in name and not name.startswith(_PART)]
    return Learned(
        document["begin"],
        document["told"],
        document["least"],
        Packed({name[1:]: told for name, told in signs.items() if name.startswith(_PART)}),
        Packed({name: told for name, told in signs.items() if not name.startswith(_PART)}),
        _in_order(pair[0][1:] for pair in pairs),
        _in_order(pair[1] for pair in pairs),
        Packed(document["marks"]),
        array("i", kinds[""]),
        PackedRows({name: row for name, row in kinds.items() if name}),
    )
