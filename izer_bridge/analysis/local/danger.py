"""Detects reported danger: a failing part, a smoking battery, an injury, theft, fire.

It recognises danger that is asserted, in Turkish, English and German, whatever the rest of the text
says; it ignores what is asked, denied, supposed or over. It does not say how urgent danger is.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

from izer_bridge.analysis.local import danger_learned
from izer_bridge.analysis.local.assertion import Assertions
from izer_bridge.analysis.local.danger_learned import Learned
from izer_bridge.analysis.local.excerpt import beginning_with, bounded
from izer_bridge.analysis.local.spelling import Lists, Mark
from izer_bridge.analysis.local.words import Word, read
from izer_bridge.domain.danger import Danger

_REMEMBERED = 2_048
_LONGEST = 1_500
# Up to these points the rules are overruled: even where they see danger, it is too unlikely.
_SURE_OF_NONE = -1.0
# How many words before and after a word of harm its object may be.
_BEFORE, _AFTER = 7, 7
# A limb must be near what is said of it, or it is somebody else's.
_NEAR = {"body": 3, "lock": 3, "person": 3, "thief": 3}
# Words that may come between a fault and the object that follows it.
_LEADING = ("beside", "towards", "machine")
# A chain bites a finger, and the finger is what is hurt.
_BESIDE_THE_POINT = {"hurt": ("chain", "wheel", "crank")}
# A breakage applies to the nearest part that can break, unless one of these is in between.
_OTHERS = ("thing", "member")
# If something falls from a table, nothing is said of the table, nor of the hand in which a lever
# broke.
_AWAY = {"off": re.compile(r"[dt][ae]n$"), "hurt": re.compile(r"[dt][ae]n?$")}
# Somebody who cuts their own lock is no thief (kilidimi kestim), and an omission by the shop is not
# a failing part (gidonu sordum, dönmediniz).
_OWN_DOING, _SHOPS_DOING = re.compile(r"[dt][iu][mk]$"), re.compile(r"n[iu]z$")


class DangerReport(NamedTuple):
    """A danger and the words that report it."""

    danger: Danger
    words: str


def dangers_of(text: str) -> tuple[Danger, ...]:
    """The dangers that a text reports, the gravest first; for any text, in bounded time."""
    return _dangers_of(bounded(text, _LONGEST, _tables().begins))


@lru_cache(maxsize=_REMEMBERED)
def _dangers_of(text: str) -> tuple[Danger, ...]:
    """Each of a chat's last twenty is asked for again with the next one."""
    return tuple(report.danger for report in _seen_in(text, None).reports)


def reports_of(text: str, model: Learned | None = None) -> tuple[DangerReport, ...]:
    """The dangers that a text reports, the gravest first, each with the words that report it.

    `model` replaces the learnt weights, for measuring another model.
    """
    return _seen_in(bounded(text, _LONGEST, _tables().begins), model).reports


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text's reports, and the names that may form one together with the text after it."""

    reports: tuple[DangerReport, ...]
    names: frozenset[str]


@lru_cache(maxsize=_REMEMBERED)
def _seen_in(text: str, model: Learned | None) -> _Seen:
    reading = _Reading(read(text).words, _tables())
    return _Seen(_reports_of(text, reading, model), reading.names())


def _reports_of(text: str, reading: "_Reading", model: Learned | None) -> tuple[DangerReport, ...]:
    """The rules' reports, unless the learnt model firmly denies them; else the learnt one's."""
    told = reading.told()
    learnt = danger_learned.read(text, reading.marks(), is_told=bool(told), model=model)
    if told:
        return told if learnt.is_letter or learnt.points > _SURE_OF_NONE else ()
    if learnt.danger is None or reading.is_only_named():
        return ()
    return (DangerReport(learnt.danger, learnt.words),)


def told_together(before: str, text: str) -> tuple[DangerReport, ...]:
    """What the rules alone find in two texts of bounded length that form one thought."""
    is_whole = max(len(before), len(text)) <= _LONGEST
    if is_whole and not _may_tell(_seen_in(before, None).names | _seen_in(text, None).names):
        return ()
    return told_in(f"{before}\n{text}")


def told_in(text: str) -> tuple[DangerReport, ...]:
    """What the rules alone find in a text of bounded length."""
    return _Reading(read(text).words, _tables()).told()


def _may_tell(names: frozenset[str]) -> bool:
    """Whether these together could report danger, in any arrangement."""
    tables = _tables()
    return not names.isdisjoint(tables.alone) or any(
        not names.isdisjoint(tables.told_of[fault]) for fault in names & tables.faults
    )


def marks_of(text: str) -> frozenset[str]:
    """The rules' names for the words of a text, and which names follow each other closely."""
    return _Reading(read(bounded(text, _LONGEST, _tables().begins)).words, _tables()).marks()


@dataclass(frozen=True, slots=True)
class _Tables:
    """`pairs` say which fault of which noun is which danger, `on_the_way` while riding.

    `alone` report danger by themselves, `told_of` lists the nouns that a fault applies to;
    `reporting` are all the names involved in reports.
    """

    begins: re.Pattern[bytes]
    lists: Lists
    nouns: frozenset[str]
    faults: frozenset[str]
    alone: frozenset[str]
    told_of: Mapping[str, frozenset[str]]
    reporting: frozenset[str]
    pairs: Mapping[tuple[str, str], Danger]
    on_the_way: Mapping[tuple[str, str], Danger]


@cache
def _tables() -> _Tables:
    tables = tomllib.loads((files(__package__) / "danger.toml").read_text("utf-8"))
    by_danger = {
        f"{name}:{danger}": listed
        for name in ("alone", "cry", "over")
        for danger, listed in tables[name].items()
    }
    nouns, faults = frozenset(tables["nouns"]), frozenset(tables["faults"])
    alone = frozenset(name for name in by_danger if not name.startswith("over:"))
    pairs, on_the_way = _pairs(tables["pairs"]), _pairs(tables["on_the_way"])
    told_of = {fault: _told_of(fault, [*pairs, *on_the_way]) for fault in faults}
    return _Tables(
        beginning_with(tables["begins"]),
        Lists(tables["nouns"] | tables["faults"] | by_danger | tables["grammar"]),
        nouns,
        faults,
        alone,
        told_of,
        nouns | faults | alone,
        pairs,
        on_the_way,
    )


def _told_of(fault: str, pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The nouns; what is held implies those that it does not hold."""
    name = "unheld" if fault == "held" else fault
    return frozenset(noun for noun, one in pairs if one == name)


def _pairs(table: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], Danger]:
    return {
        (noun, fault): Danger(danger)
        for danger, nouns in table.items()
        for noun, faults in nouns.items()
        for fault in faults.split()
    }


def _without_idioms(marks: Sequence[Mark]) -> Sequence[Mark]:
    idioms = [mark for mark in marks if mark.name == "idiom"]
    return [
        mark
        for mark in marks
        if not any(one.first <= mark.last and mark.first <= one.last for one in idioms)
    ]


def _over(danger: Danger) -> Sequence[str]:
    return ("solved", f"over:{danger}")


class _Reading:
    """The words of one text, and the names at each place."""

    def __init__(self, words: Sequence[Word], tables: _Tables) -> None:
        self._words = words
        self._tables = tables
        self._marks = _without_idioms(tables.lists.marks([word.folded for word in words]))
        self._nouns = [mark for mark in self._marks if mark.name in tables.nouns]
        self._assertions = Assertions(words, self._marks)

    def told(self) -> tuple[DangerReport, ...]:
        """The gravest danger first, each once."""
        found: dict[Danger, str] = {}
        for danger, words in self.reports():
            found.setdefault(danger, words)
        return tuple(DangerReport(danger, found[danger]) for danger in Danger if danger in found)

    def marks(self) -> frozenset[str]:
        """Names, pairs of them, and the length: "brake", "brake unheld", "words 3"."""
        ordered = sorted(self._marks, key=lambda mark: mark.first)
        names = {mark.name for mark in ordered} | {f"words {len(self._words).bit_length()}"}
        for place, mark in enumerate(ordered):
            for other in ordered[place + 1 :]:
                if other.first > mark.last + _AFTER:
                    break
                if other.first > mark.last:
                    names.add(f"{mark.name} {other.name}")
        return frozenset(names)

    def names(self) -> frozenset[str]:
        """Names that take part in reports and are marked, or that the last words may begin."""
        begun = self._tables.lists.begun([word.folded for word in self._words])
        marked = (mark.name for mark in self._marks)
        return self._tables.reporting.intersection(chain(marked, begun))

    def is_only_named(self) -> bool:
        """Whether the text only names a part: "ön fren", of which more may follow."""
        named = {
            place
            for mark in (*self._nouns, *(one for one in self._marks if one.name == "which"))
            for place in range(mark.first, mark.last + 1)
        }
        return len(named) == len(self._words)

    def reports(self) -> Iterator[DangerReport]:
        for mark in self._marks:
            kind, _, danger = mark.name.partition(":")
            if kind == "alone" or (kind == "cry" and self._is_cried(mark)):
                yield from self._alone(mark, Danger(danger))
            elif mark.name in self._tables.faults:
                yield from self._of_fault(mark)

    def _alone(self, mark: Mark, danger: Danger) -> Iterator[DangerReport]:
        if self._assertions.has("laughter") or self._assertions.is_denied(mark):
            return
        if self._assertions.holds(mark, mark, _over(danger)):
            yield DangerReport(danger, self._shown(mark))

    def _is_cried(self, mark: Mark) -> bool:
        """Whether its sentence says nothing else."""
        sentence = self._words[mark.first].sentence
        places = [place for place, word in enumerate(self._words) if word.sentence == sentence]
        return self._assertions.are((mark.name, "haste"), places)

    def _of_fault(self, fault: Mark) -> Iterator[DangerReport]:
        name = fault.name
        if name == "held":
            if not self._assertions.is_undone(fault):
                return
            name = "unheld"
        elif self._assertions.is_denied(fault):
            return
        if self._is_anybodys_doing(fault):
            return
        for noun in self._told_of(fault, name):
            danger = self._tables.pairs.get((noun.name, name))
            if danger is None and self._assertions.has("on_the_way"):
                danger = self._tables.on_the_way.get((noun.name, name))
            if danger is None or not self._is_near(noun, fault):
                continue
            if self._assertions.holds(fault, noun, _over(danger)):
                yield DangerReport(danger, self._shown(noun, fault))

    def _is_anybodys_doing(self, fault: Mark) -> bool:
        word = self._words[fault.last].folded
        is_own = fault.name == "cutting" and _OWN_DOING.search(word)
        return bool(is_own or _SHOPS_DOING.search(word))

    def _told_of(self, fault: Mark, name: str) -> Sequence[Mark]:
        """The fault's object: the nearest before it, or directly or soon after it."""
        nouns = [noun for noun in self._nouns if self._may_be_told(fault, name, noun)]
        before = [noun for noun in nouns if noun.last < fault.first]
        after = [noun for noun in nouns if noun.first > fault.last]
        beside = [noun for noun in after if self._is_beside(fault, noun)]
        if not before:
            return [noun for noun in after if noun.first == after[0].first]
        return [*self._whole(max(noun.last for noun in before)), *beside]

    def _may_be_told(self, fault: Mark, name: str, noun: Mark) -> bool:
        if noun.name in _BESIDE_THE_POINT.get(name, ()):
            return False
        pair = (noun.name, name)
        is_part = noun.name not in _OTHERS
        if is_part and pair not in self._tables.pairs and pair not in self._tables.on_the_way:
            return False
        if name in _AWAY and _AWAY[name].search(self._words[noun.last].folded):
            return False
        if noun.last < fault.first or name == "present":
            return noun.last < fault.first <= noun.last + _BEFORE and self._is_read_on(noun, fault)
        sentence = self._words[fault.last].sentence
        return (
            fault.last < noun.first <= fault.last + _AFTER
            and self._words[noun.first].sentence == sentence
            and self._assertions.are(_LEADING, range(fault.last + 1, noun.first))
        )

    def _whole(self, place: int) -> list[Mark]:
        """The nouns at a place; if one is a member of the part before it, that part."""
        here = [noun for noun in self._nouns if noun.last == place]
        first = min((noun.first for noun in here if noun.name == "member"), default=0)
        whole = [n for n in self._nouns if n.last == first - 1 and n.name != "member"]
        return [*whole, *(noun for noun in here if noun.first < first)] or here

    def _is_beside(self, fault: Mark, noun: Mark) -> bool:
        """kırık gidon, a cracked frame."""
        return (
            noun.first == fault.last + 1
            and not self._assertions.is_finite(fault)
            and self._words[noun.first].clause == self._words[fault.last].clause
        )

    def _is_read_on(self, noun: Mark, fault: Mark) -> bool:
        """People split a thought over two lines."""
        return self._words[fault.first].sentence - self._words[noun.last].sentence <= 1

    def _is_near(self, noun: Mark, fault: Mark) -> bool:
        reach = _NEAR.get(noun.name, _BEFORE)
        return max(fault.first - noun.last, noun.first - fault.last) <= reach

    def _shown(self, *marks: Mark) -> str:
        ordered = sorted(marks, key=lambda mark: mark.first)
        return " … ".join(
            " ".join(word.written for word in self._words[mark.first : mark.last + 1])
            for mark in ordered
        )
