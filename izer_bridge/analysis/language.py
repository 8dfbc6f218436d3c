"""Which language a text is in, by its letters and its small words. It translates nothing."""

import tomllib
from collections.abc import Sequence
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
    marked = [_marked(word.folded, word.written) for word in _telling(words)]
    # Turkish first, so that it wins a tie.
    scores = dict(zip(_languages(), map(sum, zip(*marked, strict=True)), strict=False))
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


def answered_in(words: Sequence[Word]) -> str:
    """The language to answer in: what is named in it tells more than "on" and "is" do.

    "Ön fren tutmuyor" holds an English "on" for whoever reads small words alone.
    """
    scores = dict.fromkeys(_languages(), 0.0)
    for word in _telling(words):
        owners = [not one.letters.isdisjoint(word.written) for one in _languages().values()]
        for (language, marks), is_own in zip(_languages().items(), owners, strict=True):
            is_foreign = any(owners) and not is_own
            held = word.folded in marks.words or word.folded in marks.things
            scores[language] += (held and not is_foreign) + _LETTER_WEIGHT * is_own
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else DEFAULT


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
