"""Finds listed words in a text, in any form: Turkish endings and tenses, typos.

What a word means is left to whoever listed it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from izer_bridge.analysis.local.packed import Packed

# Words under this name mean nothing else, and are nobody's typo.
KNOWN = "known"
_REMEMBERED = 1 << 13
# This many letters of a listed word certainly occur in its forms too.
_KEY = 3
# A shorter word has too many neighbours for one letter more, less or swapped to be a typo, and a
# stem that short for another letter in it.
_SHORTEST_SLIP, _SHORTEST_CHANGED, _SHORTEST_STEM = 6, 7, 4
# Plural, possessive, case, "is": frenlerimizden, jantında, kırıktı.
_NOUN = re.compile(
    r"(?:l[ae]r)?(?:[iu]?[mn][iu]z|[iu]?[mn]|s[iu]|[iu])?"
    r"(?:n?[iu]n|[yn]?[iu]|n?[dt][ae](?:n|y\w{0,6}|ki\w{0,4})?|[yn]?[ae]|y?l[ae])?"
    r"(?:y?[dt][iu]|y?m[iu]s|d[iu]r)?$"
)
# kırıldı, kırıldığını, kırılmış, kırılıyor, kırılacak, kırılan, kırılıp, kırılmak (üzere),
# kırılmaya (başladı), kırılıverdi; not kırıldığında.
_TOLD = re.compile(
    r"(?:[iu]ver)?(?:"
    r"[dt][iu](?:[mknrz]|n[iu]z|l[ae]r\w{0,4}|yd[iu]\w{0,3}|[gk]\w{1,5}(?<!d[ae]))?"
    r"|m[iu]s\w{0,6}|[aeiu]?(?:yo|io|uo)(?!k)\w{0,7}|(?:y?[aei])?c[ae][kg]\w{0,6}"
    r"|y?[ae]n(?:l[ae]r)?|y?[iu]p|m[ae]k|m[ae]y[ae])$"
)
# tutmuyor, tutamadım, tutmamış, tutmaz, tutmayan, tutmayıp, tutmamaya (başladı), tutmayacak,
# tutmıcak; not tutmadığında and not tutmazsa.
_DENIED = re.compile(
    r"(?:y?[aei])?m(?:"
    r"[iu]?y?[ou]\w{0,8}|[ae]d[iu]\w{0,6}(?<!d[ae])|[ae]m[iu]s\w{0,6}|[ae]z(?!s)\w{0,5}"
    r"|[ae]y[ae]n\w{0,4}|[ae]y[iu]p|[ae]m[ae]\w{0,4}|[ae]y[ae]?c[ae][kg]\w{0,6}"
    r"|[iu]c[ae][kg]\w{0,6}|[ae]y[ae])$"
)
# A stem that ends in a vowel changes it: catla- becomes catliyor.
_NARROWED = re.compile(r"[iu](?:yo|o)(?!k)\w{0,7}$")
# tutma(sı) names what tutmaz denies.
_NAMED = re.compile(r"m[ae](?:s[iu]\w{0,6}|k\w{0,4}|y[iu])?$")
# fällt beim Fahren ab: this many words may separate a verb's two parts.
_GAP, _GAP_MOST, _ROW = "..", 4, 8
_DOUBLED = re.compile(r"(.)\1+")
# After these -di becomes -ti.
_VOICELESS = "fstkchp"
_VOWELS = re.compile(r"[aeiou]")
_ENDINGS = {"~": _NOUN, ">": _TOLD, "<": _DENIED}
_CONTRARY = {">": "<", "<": ">"}
# The forms in which typos are looked for.
_FORMS: Mapping[str, Sequence[str]] = {
    "~": ("", "i", "im", "in", "u", "um", "un", "si", "su", "a", "e", "da", "de")
    + ("lar", "ler", "lari", "leri", "larim", "lerim"),
    ">": ("di", "du", "ti", "tu", "mis", "mus", "iyor", "uyor", "iyo", "uyo", "yor"),
    "<": ("muyor", "miyor", "muyo", "miyo", "madi", "medi", "maz", "mez", "mayan", "amiyor"),
    "-*": ("", "s", "ed", "ing", "en", "t"),
}


@lru_cache(_REMEMBERED)
def squeezed(folded: str) -> str:
    """With doubled letters reduced to one, so that a doubled letter makes no difference."""
    return _DOUBLED.sub(r"\1", folded)


class ListedWord(NamedTuple):
    """One word of a list and its kind: "~" a noun, ">" an affirmed verb, "<" a negated one.

    "-*" is a beginning, "*-" an end, ".." any few words, "" the word itself.
    """

    text: str
    kind: str

    @classmethod
    def of(cls, written: str) -> "ListedWord":
        text = squeezed(written.strip("*~<>"))
        if written == _GAP:
            return cls(text, _GAP)
        if written.startswith("*"):
            return cls(text, "*-")
        if written.endswith("*"):
            return cls(text, "-*")
        return cls(text, written[-1] if written[-1] in _FORMS else "")

    def fits(self, word: str) -> bool:
        """Whether the squeezed word is a form of it."""
        if self.kind == "*-":
            return len(word) > len(self.text) and word.endswith(self.text)
        if not word.startswith(self.text):
            return self.kind == ">" and self._is_narrowed(word)
        rest = word[len(self.text) :]
        if self.kind == ">" and rest[:1] == "t" and self.text[-1] not in _VOICELESS:
            return False
        if self.kind not in _ENDINGS:
            return self.kind == "-*" or not rest
        # Of tut-tu and kol-lar one letter is lost.
        is_swallowed = self.kind == "~" or self.text[-1] == "t"
        return self._is_ending(rest) or (is_swallowed and self._is_ending(self.text[-1] + rest))

    def contradicts(self, word: str) -> bool:
        """Whether the word says the opposite: tutuyor is not a typo of tutmuyor."""
        if self.kind not in _CONTRARY:
            return False
        if self._replace(kind=_CONTRARY[self.kind]).fits(word):
            return True
        rest = word.removeprefix(self.text)
        return rest != word and bool(_NAMED.match(rest))

    def may_be_meant(self, typed: str) -> bool:
        """Whether the word is one typo away from one of its usual forms."""
        if len(self.text) < _SHORTEST_STEM - (self.kind == "<"):
            return False
        # A typo's first letter is right, and hardly one of the others is missing.
        if typed[:1] != self.text[0] or len(typed) < _SHORTEST_SLIP - 1:
            return False
        forms = (form for form in self.forms() if len(form) >= _SHORTEST_SLIP)
        changed = bool(self.kind) and len(self.text) > _SHORTEST_STEM
        return any(_is_slip(typed, form, changed=changed) for form in forms)

    def forms(self) -> Iterator[str]:
        """The forms in which typos are looked for."""
        for ending in _FORMS.get(self.kind, ("",)):
            yield squeezed(self.text + ending)
        if self.kind == ">" and self.text[-1] in "ae":
            yield from (self.text[:-1] + ending for ending in ("iyor", "uyor"))

    def _is_ending(self, rest: str) -> bool:
        if self.kind == "~" and not self._harmonises(rest):
            return False
        return bool(_ENDINGS[self.kind].match(rest))

    def _is_narrowed(self, word: str) -> bool:
        stem = self.text[:-1]
        return (
            self.text[-1] in "ae"
            and word.startswith(stem)
            and bool(_NARROWED.match(word[len(stem) :]))
        )

    def _harmonises(self, rest: str) -> bool:
        """koli is not a form of kol, which has kolu."""
        vowels = _VOWELS.findall(self.text)
        first = _VOWELS.search(rest)
        if not vowels or first is None or first.group() not in "iu":
            return True
        return (vowels[-1] in "ou") == (first.group() == "u")


class ListedPhrase(NamedTuple):
    """One or more consecutive words listed under a name, and how many after the first it marks.

    A verb whose second part comes later is marked at its first part.
    """

    name: str
    first: ListedWord
    rest: tuple[ListedWord, ...]
    more: int

    @classmethod
    def of(cls, name: str, written: Iterable[str]) -> "ListedPhrase":
        first, *rest = map(ListedWord.of, written)
        is_parted = any(one.kind == _GAP for one in rest)
        return cls(name, first, tuple(rest), 0 if is_parted else len(rest))

    @property
    def reach(self) -> int:
        """How many words after the first one it may span."""
        return sum(_GAP_MOST if one.kind == _GAP else 1 for one in self.rest)


class Mark(NamedTuple):
    """A listed name at the words from `first` to `last`."""

    name: str
    first: int
    last: int


_Row = tuple[ListedPhrase, ...]


class Lists:
    """Words by name, as `{name: "word, another word"}`."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._by_start: dict[str, list[ListedPhrase]] = defaultdict(list)
        self._by_end: dict[str, list[ListedPhrase]] = defaultdict(list)
        by_slip: dict[str, int] = {}
        # Most spellings belong to the same few entries: each row of them is stored once.
        self._rows: list[_Row] = [()]
        numbers: dict[_Row, int] = {}
        for name, listed in lists.items():
            for item in filter(None, map(str.split, listed.split(","))):
                self._add(ListedPhrase.of(name, item), by_slip, numbers)
        # Many entries begin with the same word.
        self._firsts = {
            start: tuple(dict.fromkeys(one.first for one in entries))
            for start, entries in self._by_start.items()
        }
        self._by_slip = Packed(by_slip)
        self._beginning_with = lru_cache(_REMEMBERED)(self._entries)

    def marks(self, folded: Sequence[str]) -> list[Mark]:
        """The listed names in a text, in order."""
        words = [*map(squeezed, folded)]
        found: dict[Mark, None] = {}
        for place, entries in enumerate(map(self._beginning_with, words)):
            for name, _, rest, more in entries:
                if not rest or _follow(rest, words[place + 1 : place + 1 + _ROW]):
                    found[Mark(name, place, place + more)] = None
        return list(found)

    def begun(self, folded: Sequence[str]) -> Iterator[str]:
        """The names of phrases that may continue after the last word; some of them twice."""
        last = map(squeezed, folded[: -_ROW - 1 : -1])
        for behind, entries in enumerate(map(self._beginning_with, last)):
            yield from (entry.name for entry in entries if entry.rest and entry.reach > behind)

    def _add(self, entry: ListedPhrase, by_slip: dict[str, int], numbers: dict[_Row, int]) -> None:
        first = entry.first
        if first.kind == "*-":
            self._by_end[first.text[-_KEY:]].append(entry)
            return
        # The last letter may change.
        self._by_start[first.text[: min(_KEY, max(len(first.text) - 1, 1))]].append(entry)
        for form in first.forms():
            if len(form) >= _SHORTEST_SLIP:
                for spelling in _shortened(form):
                    row = self._rows[by_slip.get(spelling, 0)]
                    if entry not in row:
                        new = (*row, entry)
                        if new not in numbers:
                            numbers[new] = len(self._rows)
                            self._rows.append(new)
                        by_slip[spelling] = numbers[new]

    def _entries(self, word: str) -> tuple[ListedPhrase, ...]:
        starts = [word[:length] for length in range(1, min(_KEY, len(word)) + 1)]
        firsts = [one for start in starts for one in self._firsts.get(start, ())]
        fitting = {one for one in firsts if one.fits(word)}
        exact = [
            one
            for start in starts
            if not fitting.isdisjoint(self._firsts.get(start, ()))
            for one in self._by_start[start]
            if one.first in fitting
        ]
        ending = self._by_end.get(word[-_KEY:], ())
        exact += [one for one in ending if one.first.fits(word)]
        if exact or any(one.contradicts(word) for one in firsts):
            return tuple([one for one in exact if one.name == KNOWN] or exact)
        places = self._by_slip.places(_shortened(word))
        rows = map(self._by_slip.numbers.__getitem__, places)
        near = {one: None for row in rows for one in self._rows[row]}
        return tuple(one for one in near if one.first.may_be_meant(word))


def _shortened(word: str) -> set[str]:
    """The word, and it without each of its letters: words one typo apart share one of these."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _is_slip(typed: str, meant: str, *, changed: bool) -> bool:
    """One letter extra, missing, swapped or `changed`; the first is right."""
    if typed[:1] != meant[:1] or abs(len(typed) - len(meant)) > 1:
        return False
    begin = 0
    while begin < min(len(typed), len(meant)) and typed[begin] == meant[begin]:
        begin += 1
    a, b = typed[begin:], meant[begin:]
    is_other = changed and a[1:] == b[1:] and len(meant) >= _SHORTEST_CHANGED
    is_turned = a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b or a == b[1:] or is_other or is_turned


def _follow(elements: Sequence[ListedWord], words: Sequence[str], place: int = 0) -> bool:
    """Whether the words from a position on begin with these."""
    for number, element in enumerate(elements, 1):
        if element.kind == _GAP:
            rest = elements[number:]
            return any(_follow(rest, words, place + gap) for gap in range(_GAP_MOST + 1))
        if place >= len(words) or not _is_form(element, words[place]):
            return False
        place += 1
    return True


@lru_cache(_REMEMBERED)
def _is_form(element: ListedWord, word: str) -> bool:
    return element.fits(word) or element.may_be_meant(word)
