"""What single words speak for, learnt from labelled texts. It knows no phrase and no urgency.

The lexicon knows what its author thought of; beginnings of words that the training texts held,
mostly verbs and small words, tell the rest. learned.toml is written by tests/analysis/learn.py.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from izer_bridge.analysis.words import Word
from izer_bridge.model.analysis import Category

BEGINNING = 4
MOST_WORDS = 80
HUNDREDTHS = 100


def beginnings(words: Sequence[Word]) -> frozenset[str]:
    """The first letters of a text's words, each once; of a long text's first words."""
    return frozenset(word.folded[:BEGINNING] for word in words[:MOST_WORDS] if not word.is_number)


def points_of(texts_beginnings: Iterable[str]) -> Mapping[Category, float]:
    """What the beginnings of words add to each category, mostly within -1 and 1 a word."""
    points = dict.fromkeys(Category, 0.0)
    learned = _learned()
    for beginning in texts_beginnings:
        for category, hundredths in zip(Category, learned.get(beginning, ()), strict=False):
            points[category] += hundredths / HUNDREDTHS
    return points


@cache
def _learned() -> Mapping[str, tuple[int, ...]]:
    text = (files(__package__) / "learned.toml").read_text("utf-8")
    return {
        beginning: tuple(hundredths)
        for beginning, hundredths in tomllib.loads(text)["points"].items()
    }
