"""Which language a text is in, by its letters and its small words. It translates nothing."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from izer_bridge.analysis.words import Word, is_inflection

DEFAULT = "tr"
# A language with a good quarter of the best one's evidence is spoken beside it: "Danke abi".
_BESIDE = 0.3
_SURE = 2.0
_LETTER_WEIGHT = 0.7
_MOST_WORDS = 200
_REMEMBERED = 1 << 13


@dataclass(frozen=True, slots=True)
class _Marks:
    words: frozenset[str]
    letters: frozenset[str]
    things: frozenset[str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """`main` is the ISO 639 code of the language with the most evidence, Turkish without any.

    `all` are the languages that the text seems to be in; Turkish too while there is little.
    """

    main: str
    all: frozenset[str]


def spoken_in(words: Sequence[Word]) -> Spoken:
    """What the words of a text are written in."""
    scores = _scores(words, _marked)
    best = max(scores.values(), default=0)
    if not best:
        return Spoken(DEFAULT, frozenset({DEFAULT}))
    main = max(scores, key=lambda language: scores[language])
    found = {language for language, score in scores.items() if score and score >= best * _BESIDE}
    return Spoken(main, frozenset(found if best >= _SURE else found | {DEFAULT}))


def _telling(words: Sequence[Word]) -> Sequence[Word]:
    endings = (word.is_ending and is_inflection(word.folded) for word in words[:_MOST_WORDS])
    return [word for word, is_ending in zip(words, endings, strict=False) if not is_ending]


@lru_cache(_REMEMBERED)
def _marked(folded: str, written: str) -> tuple[float, ...]:
    """How much a word speaks for each language."""
    return tuple(
        (folded in marks.words) + _LETTER_WEIGHT * (not marks.letters.isdisjoint(written))
        for marks in _languages().values()
    )


@lru_cache(_REMEMBERED)
def _named(folded: str, written: str) -> tuple[float, ...]:
    """The same, of what it names, too; one with a language's own letters is no other's word."""
    owners = [not marks.letters.isdisjoint(written) for marks in _languages().values()]
    return tuple(
        ((folded in marks.words or folded in marks.things) and (is_own or not any(owners)))
        + _LETTER_WEIGHT * is_own
        for marks, is_own in zip(_languages().values(), owners, strict=True)
    )


def _scores(
    words: Sequence[Word], of_word: Callable[[str, str], tuple[float, ...]]
) -> dict[str, float]:
    """Turkish first, so that it wins a tie; nothing for a text without words."""
    marked = [of_word(word.folded, word.written) for word in _telling(words)]
    return dict(zip(_languages(), map(sum, zip(*marked, strict=True)), strict=False))


def answered_in(words: Sequence[Word]) -> str:
    """The language to answer in: what is named in it tells more than "on" and "is" do.

    "Ön fren tutmuyor" holds an English "on" for whoever reads small words alone.
    """
    scores = _scores(words, _named)
    best = max(scores, key=lambda language: scores[language], default=DEFAULT)
    return best if scores.get(best) else DEFAULT


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
