"""Whether a folded word is a form of a word in a list: endings, tenses, slips of the thumb.

It knows Turkish endings, and for other languages beginnings and ends; what a word means is left to
whoever wrote the list.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from izer_bridge.analysis.words import is_inflection

# Shorter words have too many neighbours for one letter to be a slip.
_SHORTEST_SLIP = 6
_REMEMBERED = 1 << 13
_TOLD = re.compile(
    r"(?:[iu]ver)?(?:[dt][iu]\w{0,7}|m[iu]s\w{0,6}|[aeiu]?(?:yo|io|uo)(?!k)\w{0,6}|(?:y?[aei])?c[ae][kg]\w{0,5}"
    r"|y?[ae]n(?:l[ae]r)?|y?[iu]p|m[ae]k|m[ae]y[ae])$"
)
_DENIED = re.compile(
    r"(?:y?[aei])?m(?:[iu]?y?[ou]\w{0,7}|[ae]d[iu]\w{0,5}|[ae]m[iu]s\w{0,5}|[ae]z(?!s)\w{0,4}"
    r"|[ae]y[ae]n\w{0,4}|[ae]y[iu]p|[ae]m[ae]\w{0,3}|[ae]y[ae]?c[ae][kg]\w{0,5}|[iu]c[ae]k\w{0,4}|[ae]y[ae])$"
)
_USUAL_TOLD = ("di", "du", "ti", "tu", "mis", "mus", "iyor", "uyor", "iyo")
_USUAL_DENIED = ("muyor", "miyor", "muyo", "miyo", "madi", "medi", "maz", "mez")
_USUAL_NOUN = (
    "",
    "i",
    "im",
    "in",
    "u",
    "um",
    "un",
    "lar",
    "ler",
    "lari",
    "leri",
    "larim",
    "lerim",
    "si",
    "sinin",
    "nin",
    "da",
    "de",
)


class Element(NamedTuple):
    """One word of a list: `text`, and of what kind it is: "~", ">", "<", a "*" at an end, or ""."""

    text: str
    kind: str

    def fits(self, folded: str) -> bool:
        """Whether the word is a form of it."""
        text = self.text
        if self.kind == "":
            return folded == text
        if self.kind == "*-":
            return folded.endswith(text) and len(folded) > len(text)
        if not folded.startswith(text):
            return self.kind == ">" and _narrowed(text, folded)
        rest = folded[len(text) :]
        if self.kind == "-*":
            return True
        if self.kind == "~":
            return is_inflection(rest) and not rest.startswith(("siz", "suz", "ci", "cu"))
        return bool((_TOLD if self.kind == ">" else _DENIED).match(rest))

    def forms(self) -> Iterator[str]:
        """The usual ones, to find slips by."""
        endings = {"~": _USUAL_NOUN, ">": _USUAL_TOLD, "<": _USUAL_DENIED}.get(self.kind, ("",))
        yield from (self.text + ending for ending in endings)


def _narrowed(text: str, folded: str) -> bool:
    """catla- is catliyor, oyna- is oynuyor."""
    if text[-1] not in "ae" or not folded.startswith(text[:-1]):
        return False
    return bool(re.match(r"[iu](?:yo|o)(?!k)\w{0,6}$", folded[len(text) - 1 :]))


def element(written: str) -> Element:
    if written.startswith("*"):
        return Element(written[1:], "*-")
    if written.endswith("*"):
        return Element(written[:-1], "-*")
    if written[-1] in "~><":
        return Element(written[:-1], written[-1])
    return Element(written, "")


class Mark(NamedTuple):
    """A name of a list at the words from `first` to `last`."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    elements: tuple[Element, ...]


class Lists:
    """Named lists of words; finds which of them a text's words stand in."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._by_start: dict[str, list[Entry]] = defaultdict(list)
        self._by_end: list[Entry] = []
        self._slips: dict[str, set[Entry]] = defaultdict(set)
        for name, listed in lists.items():
            for item in listed.replace("\n", " ").split(","):
                if item.strip():
                    self._add(Entry(name, tuple(map(element, item.split()))))
        self._of = lru_cache(_REMEMBERED)(self._entries)

    def marks(self, words: Sequence[str]) -> list[Mark]:
        found = dict.fromkeys(
            Mark(entry.name, first, first + len(entry.elements) - 1)
            for first, word in enumerate(words)
            for entry in self._of(word)
            if _follow(entry.elements[1:], words[first + 1 :])
        )
        return list(found)

    def _add(self, entry: Entry) -> None:
        first = entry.elements[0]
        if first.kind == "*-":
            self._by_end.append(entry)
        else:
            self._by_start[first.text[:2]].append(entry)
        for form in first.forms():
            if len(form) >= _SHORTEST_SLIP:
                for spelling in _shortened(form):
                    self._slips[spelling].add(entry)

    def _entries(self, folded: str) -> tuple[Entry, ...]:
        exact = [one for one in self._by_start.get(folded[:2], ()) if one.elements[0].fits(folded)]
        exact += [one for one in self._by_end if one.elements[0].fits(folded)]
        if exact or len(folded) < _SHORTEST_SLIP - 1:
            return tuple(exact)
        near = {one for short in _shortened(folded) for one in self._slips.get(short, ())}
        return tuple(
            one for one in near if any(_is_slip(folded, form) for form in one.elements[0].forms())
        )


def _shortened(word: str) -> set[str]:
    """The word, and without each of its letters: words a slip apart share one of these."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _is_slip(typed: str, meant: str) -> bool:
    """One letter too many, missing, other, or two changed round; the first letter is right."""
    if typed[:1] != meant[:1] or abs(len(typed) - len(meant)) > 1 or len(meant) < _SHORTEST_SLIP:
        return False
    begin = 0
    while begin < min(len(typed), len(meant)) and typed[begin] == meant[begin]:
        begin += 1
    a, b = typed[begin:], meant[begin:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _follow(elements: Sequence[Element], words: Sequence[str]) -> bool:
    return len(words) >= len(elements) and all(
        one.fits(word) for one, word in zip(elements, words, strict=False)
    )
