"""What counts as a word, in messages and in what is searched for: the same for every store."""

import re
from collections.abc import Iterable
from enum import StrEnum

from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.folding import fold

LONGEST_TERMS, MOST_TERMS = 200, 12
_WORD = re.compile(r"[^\W_]{2,}")
_LONGEST_WORD = 40
# Of one message: more is no talk, and would fill the index with what nobody looks for.
_MOST_WORDS, _MOST_LETTERS = 1_000, 60_000
# Before every word: so none is among a server's stop words ("de", "en"), or shorter than the three
# letters from which its index begins by default.
_MARK = "0"


class WhyNot(StrEnum):
    """What keeps a search from being made, for those who say it in another language."""

    NO_WORD = "no_word"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    NOBODY = "nobody"
    NO_DAY = "no_day"
    NO_CATEGORY = "no_category"


class UnsearchableError(UsageError):
    """`str` is the sentence for an operator."""

    def __init__(self, why: WhyNot, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


def words_of(texts: Iterable[str | None]) -> str:
    """The words of a message, each once, as the index holds them."""
    said = " ".join(text[:_MOST_LETTERS] for text in texts if text)
    found = dict.fromkeys(_marked(said))
    return " ".join([*found][:_MOST_WORDS])


def beginnings_of(terms: str) -> list[str]:
    """What words must begin with, each once. Raises UnsearchableError."""
    if len(terms) > LONGEST_TERMS:
        raise UnsearchableError(
            WhyNot.TOO_LONG, f"{len(terms)} letters to search for; at most {LONGEST_TERMS}"
        )
    found = [*dict.fromkeys(_marked(terms))]
    if not found:
        raise UnsearchableError(
            WhyNot.NO_WORD, "nothing to search for: expected a word of two letters or more"
        )
    if len(found) > MOST_TERMS:
        raise UnsearchableError(
            WhyNot.TOO_MANY, f"{len(found)} words to search for; at most {MOST_TERMS}"
        )
    return found


def _marked(text: str) -> Iterable[str]:
    return (f"{_MARK}{word[:_LONGEST_WORD]}" for word in _WORD.findall(fold(text)))
