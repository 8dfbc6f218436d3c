"""Detects a text's language, by its letters and its function words. It translates nothing."""

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from izer_bridge.analysis.local.words import Word, is_inflection, read

DEFAULT = "tr"
# A language with a good quarter of the best one's evidence is spoken too: "Danke abi".
_BESIDE = 0.3
_SURE = 2.0
_LETTER_WEIGHT = 0.7
# "Son" is French and Turkish; a "ş" beside it is no French.
_OWN_LETTER_WEIGHT = 1.1
_MOST_WORDS = 200
_REMEMBERED, _TEXTS = 1 << 13, 1 << 11
# How strongly a word indicates each language; empty if it indicates none.
Evidence = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Marks:
    words: frozenset[str]
    letters: frozenset[str]
    things: frozenset[str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """`main` is the ISO 639 code of the language with the most evidence, Turkish without any.

    `all` are the languages that the text seems to be in, including Turkish while there is little
    evidence.
    """

    main: str
    all: frozenset[str]


def spoken_in(words: Sequence[Word]) -> Spoken:
    """The languages of a text's words."""
    scores = _scores(_evidence(words, _marked))
    if not scores:
        return Spoken(DEFAULT, frozenset({DEFAULT}))
    main = max(scores, key=scores.__getitem__)
    best = scores[main]
    found = {language for language, score in scores.items() if score and score >= best * _BESIDE}
    return Spoken(main, frozenset(found if best >= _SURE else found | {DEFAULT}))


def answered_in(text: str) -> str:
    """The language to answer in: named things reveal more than "on" and "is" do.

    "Ön fren tutmuyor" contains an English "on" if only function words are read.
    """
    return _most(evidence_of(text))[0]


@lru_cache(_TEXTS)
def evidence_of(text: str) -> Evidence:
    """One text's evidence, for `answered_by`, which asks again with each later message."""
    return tuple(_scores(_evidence(read(text).words, _named)).values())


def answered_by(own: Evidence, before: Iterable[Evidence]) -> str:
    """The language to answer in; if a text by itself shows none, that of the texts before it."""
    found, is_sure = _most(own)
    if is_sure:
        return found
    told = [*filter(None, before), *filter(None, [own])]
    return _most(tuple(map(sum, zip(*told, strict=True))))[0]


def _most(evidence: Evidence) -> tuple[str, bool]:
    """The language with the most evidence, else Turkish, and whether no other has as much."""
    if not evidence:
        return DEFAULT, False
    scores = dict(zip(_languages(), evidence, strict=True))
    best = max(scores, key=scores.__getitem__)
    return best, evidence.count(scores[best]) == 1


def _evidence(words: Sequence[Word], of_word: Callable[[str, str], Evidence]) -> list[Evidence]:
    """For the words that indicate any language."""
    return [
        found
        for word in words[:_MOST_WORDS]
        # True of most words, which nobody needs to remember.
        if not _tells_nothing(word.folded, word.written)
        and (found := of_word(word.folded, word.written))
        and not (word.is_ending and is_inflection(word.folded))
    ]


def _scores(telling: Sequence[Evidence]) -> dict[str, float]:
    """Turkish first, so that it wins a tie; empty if no word indicates any language."""
    return dict(zip(_languages(), map(sum, zip(*telling, strict=True)), strict=False))


@lru_cache(_REMEMBERED)
def _marked(folded: str, written: str) -> Evidence:
    points = tuple(
        (folded in marks.words) + _LETTER_WEIGHT * (not marks.letters.isdisjoint(written))
        for marks in _languages().values()
    )
    return points if any(points) else ()


@lru_cache(_REMEMBERED)
def _named(folded: str, written: str) -> Evidence:
    """The same, with what it names; a word with a language's own letters belongs to no other."""
    owners = [not marks.letters.isdisjoint(written) for marks in _languages().values()]
    points = tuple(
        ((folded in marks.words or folded in marks.things) and (is_own or not any(owners)))
        + _OWN_LETTER_WEIGHT * is_own
        for marks, is_own in zip(_languages().values(), owners, strict=True)
    )
    return points if any(points) else ()


def _tells_nothing(folded: str, written: str) -> bool:
    every = _every()
    return folded not in every.words and every.letters.isdisjoint(written)


@cache
def _every() -> _Marks:
    """Everything in any language; here things are words."""
    each = _languages().values()
    nothing: frozenset[str] = frozenset()
    return _Marks(
        nothing.union(*(one.words | one.things for one in each)),
        nothing.union(*(one.letters for one in each)),
        nothing,
    )


@cache
def _languages() -> dict[str, _Marks]:
    tables = tomllib.loads((files(__package__) / "lexicon" / "languages.toml").read_text("utf-8"))
    return {
        language: _Marks(
            frozenset(table["words"].split()),
            frozenset(table["letters"]),
            frozenset(table.get("things", "").split()),
        )
        for language, table in tables.items()
    }
