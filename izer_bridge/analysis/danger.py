"""Whether a text reports danger: a part that fails, a battery that smokes, an injury, theft, fire.

It sees danger told as it is, in Turkish, English and German, whatever stands beside it; it leaves
alone what is asked, denied, wished for or over. How urgent danger is, it does not say.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from izer_bridge.analysis.excerpt import bounded
from izer_bridge.analysis.spelling import Lists, Mark
from izer_bridge.analysis.words import Word, asks, read
from izer_bridge.model.danger import Danger

_REMEMBERED = 2_048
# How far before and after a word of harm the part may stand that it is told of.
_BEFORE, _AFTER = 7, 5
_NEAR = 3


def dangers_of(text: str) -> tuple[Danger, ...]:
    """The dangers that a text reports, the gravest first; for any text, in bounded time."""
    return _dangers_of(bounded(text))


@lru_cache(maxsize=_REMEMBERED)
def _dangers_of(text: str) -> tuple[Danger, ...]:
    words = read(text).words
    found = set(_Reading(words, _tables()).dangers())
    return tuple(one for one in Danger if one in found)


@dataclass(frozen=True, slots=True)
class _Tables:
    lists: Lists
    nouns: frozenset[str]
    faults: frozenset[str]
    pairs: Mapping[tuple[str, str], Danger]
    riding: Mapping[tuple[str, str], Danger]


@cache
def _tables() -> _Tables:
    tables = tomllib.loads((files(__package__) / "danger.toml").read_text("utf-8"))
    lists = {
        **tables["nouns"],
        **tables["faults"],
        **{f"alone:{name}": listed for name, listed in tables["alone"].items()},
        **tables["grammar"],
    }
    return _Tables(
        Lists(lists),
        frozenset(tables["nouns"]),
        frozenset(tables["faults"]),
        _pairs(tables["pairs"]),
        _pairs(tables["riding"]),
    )


def _pairs(table: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], Danger]:
    return {
        (noun, fault): Danger(danger)
        for danger, nouns in table.items()
        for noun, faults in nouns.items()
        for fault in faults.split()
    }


class _Reading:
    """The marks of one text."""

    def __init__(self, words: Sequence[Word], tables: _Tables) -> None:
        self._words = words
        self._tables = tables
        self._marks = tables.lists.marks([word.folded for word in words])
        self._nouns = [mark for mark in self._marks if mark.name in tables.nouns]

    def dangers(self) -> Iterator[Danger]:
        for mark in self._marks:
            if mark.name.startswith("alone:"):
                if self._is_told(mark, mark):
                    yield Danger(mark.name.removeprefix("alone:"))
            elif mark.name in self._tables.faults:
                yield from self._of_fault(mark)

    def _of_fault(self, fault: Mark) -> Iterator[Danger]:
        name = fault.name
        if name == "held":
            if not self._denied_near(fault):
                return
            name = "unheld"
        for noun in self._told_of(fault):
            danger = self._tables.pairs.get((noun.name, name))
            if danger is None and self._has("riding"):
                danger = self._tables.riding.get((noun.name, name))
            if danger and self._is_told(fault, noun):
                yield danger

    def _told_of(self, fault: Mark) -> list[Mark]:
        """What the fault is told of: the noun nearest before it, else the one after it."""
        after = [
            n for n in self._nouns if 0 < n.first - fault.last <= _AFTER and self._same(n, fault)
        ]
        if (
            after
            and after[0].first == fault.last + 1
            and self._words[after[0].first].clause == self._words[fault.last].clause
        ):
            adjoining = [n for n in after if n.first == after[0].first]
        else:
            adjoining = []
        before = [
            n
            for n in self._nouns
            if 0 < fault.first - n.last <= _BEFORE and self._near_sentence(n, fault)
        ]
        if before:
            nearest = self._whole(max(n.last for n in before))
            return nearest + adjoining
        if adjoining:
            return adjoining
        if after:
            first = min(n.first for n in after)
            return [n for n in after if n.first == first]
        return []

    def _whole(self, place: int) -> list[Mark]:
        """The nouns at a place; of a member of a part right before it, the part."""
        here = [n for n in self._nouns if n.last == place]
        if any(n.name == "member" for n in here):
            before = [
                n
                for n in self._nouns
                if n.last == min(m.first for m in here) - 1 and n.name != "member"
            ]
            if before:
                return before
        return here

    def _same(self, a: Mark, b: Mark) -> bool:
        return self._words[a.first].sentence == self._words[b.first].sentence

    def _near_sentence(self, a: Mark, b: Mark) -> bool:
        return self._words[b.first].sentence - self._words[a.first].sentence <= 1

    def _has(self, name: str) -> bool:
        return any(mark.name == name for mark in self._marks)

    def _denied_near(self, fault: Mark) -> bool:
        return any(
            mark.name == "no"
            and (0 < fault.first - mark.last <= _NEAR or 0 < mark.first - fault.last <= 2)
            and self._same(mark, fault)
            for mark in self._marks
        )

    def _is_told(self, fault: Mark, noun: Mark) -> bool:
        """Not denied, asked, supposed, or over."""
        if fault.name != "held" and fault.name != "unheld" and self._denied(fault):
            return False
        if self._asked(fault) or self._supposed(noun):
            return False
        return not self._is_over(fault)

    def _denied(self, fault: Mark) -> bool:
        for mark in self._marks:
            if mark.name != "no" or not self._same(mark, fault):
                continue
            if (
                0 < mark.first - fault.last <= 2
                and self._words[mark.first].clause == self._words[fault.last].clause
            ):
                return True
            if (
                0 < fault.first - mark.last <= 2
                and self._words[mark.first].clause == self._words[fault.first].clause
            ):
                word = self._words[mark.first].folded
                if word not in ("degil", "yok", "hayir"):
                    return True
        return False

    def _asked(self, fault: Mark) -> bool:
        last = self._words[fault.last].folded
        following = [w.folded for w in self._words[fault.last + 1 : fault.last + 3]]
        if following and following[0] in ("mi", "midir", "mu", "miydi"):
            return True
        if len(following) > 1 and following[0] == "var" and following[1] in ("mi", "mu", "midir"):
            return True
        return asks(last)

    def _supposed(self, noun: Mark) -> bool:
        place = noun.first - 1
        while place >= 0 and self._is_beside(place):
            place -= 1
        return place >= 0 and any(m.name == "whether" and m.last == place for m in self._marks)

    def _is_beside(self, place: int) -> bool:
        return any(m.name == "beside" and m.first == place for m in self._marks)

    def _is_over(self, fault: Mark) -> bool:
        if self._has("past") and not self._has("still"):
            return True
        solved = [m for m in self._marks if m.name == "solved" and m.first > fault.last]
        return bool(solved) and not self._has("still")
