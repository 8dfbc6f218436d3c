"""Which language a text is in, by its letters and its small words. It translates nothing."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from izer_bridge.analysis.words import Word

DEFAULT = "tr"
# A language with a good quarter of the best one's evidence is spoken beside it: "Danke abi".
_BESIDE = 0.3
_SURE = 2.0
_LETTER_WEIGHT = 0.7
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class _Marks:
    words: frozenset[str]
    letters: frozenset[str]


def language_of(words: Sequence[Word]) -> str:
    """The ISO 639 code of the language with the most evidence; Turkish when there is none."""
    scores = _scores(words)
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else DEFAULT


def languages_in(words: Sequence[Word]) -> frozenset[str]:
    """Every language that the words seem to be in; Turkish too while there is little evidence."""
    scores = _scores(words)
    best = max(scores.values())
    spoken = {language for language, score in scores.items() if score and score >= best * _BESIDE}
    return frozenset(spoken if best >= _SURE else spoken | {DEFAULT})


def _scores(words: Sequence[Word]) -> dict[str, float]:
    """Turkish first, so that it wins a tie."""
    return {
        language: sum(
            (word.folded in marks.words)
            + _LETTER_WEIGHT * (not marks.letters.isdisjoint(word.written))
            for word in words[:_MOST_WORDS]
        )
        for language, marks in _languages().items()
    }


@cache
def _languages() -> dict[str, _Marks]:
    tables = tomllib.loads((files(__package__) / "lexicon" / "languages.toml").read_text("utf-8"))
    return {
        language: _Marks(frozenset(table["words"].split()), frozenset(table["letters"]))
        for language, table in tables.items()
    }
