"""The fixed warnings that lead a reply to danger. Pure; it does not decide what is danger."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from izer_bridge.domain.danger import Danger
from izer_bridge.domain.folding import fold
from izer_bridge.domain.sendable_text import LONGEST_TEXT

# Customers in a language without these texts read English sooner than Turkish.
_ELSEWHERE = "en"
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_OPENING_SENTENCES = 2
# Many replies are the same few sentences.
_REMEMBERED = 1 << 8


@dataclass(frozen=True, slots=True)
class _Advice:
    """`words` by language, the dangers whose words they make redundant, and what says the same."""

    words: dict[str, str]
    covers: frozenset[Danger]
    says: tuple[re.Pattern[str], ...]


def warning(dangers: Collection[Danger], language: str) -> str:
    """The warning, with nothing else but that the message was passed on."""
    passed_on: dict[str, str] = _table()["passed_on"]
    return led(passed_on.get(language, passed_on[_ELSEWHERE]), dangers, language)


def led(reply: str, dangers: Collection[Danger], language: str) -> str:
    """The reply, led by the warnings about these dangers that it does not begin with already."""
    if not dangers:
        return reply
    said = _warned_of(reply)
    words = [_words(one, language) for one in _to_say(dangers) if one not in said]
    if not words:
        return reply
    first, rest = " ".join(words), reply.strip()
    room = LONGEST_TEXT - len(first) - 1
    return f"{first}\n{rest if len(rest) <= room else rest[: room - 1] + '…'}".rstrip()


def fixed_texts() -> Mapping[str, Any]:
    """Everything that may be put before a reply, by language."""
    return _table()


def is_led(reply: str) -> bool:
    """Whether a reply begins with a fixed warning, and so was not written by a person."""
    return _led_by(reply) is not None


def _to_say(dangers: Collection[Danger]) -> list[Danger]:
    """The gravest first, without those that another one's words cover."""
    covered = {one for danger in dangers for one in _advice()[danger].covers}
    return [danger for danger in Danger if danger in dangers and danger not in covered]


def _words(danger: Danger, language: str) -> str:
    words = _advice()[danger].words
    return words.get(language, words[_ELSEWHERE])


@lru_cache(_REMEMBERED)
def _warned_of(reply: str) -> frozenset[Danger]:
    """The dangers whose warnings the reply begins with, fixed or in its own words."""
    return frozenset(_said_first(reply))


def _said_first(reply: str) -> Iterator[Danger]:
    rest = reply.strip()
    while found := _led_by(rest):
        danger, words = found
        yield danger
        rest = rest.removeprefix(words).lstrip()
    opening = " ".join(
        sentence
        for sentence in map(
            fold, _SENTENCE_END.split(rest, _OPENING_SENTENCES)[:_OPENING_SENTENCES]
        )
        if not re.search(_table()["conditional"], sentence)
    )
    for danger, advice in _advice().items():
        if all(sign.search(opening) for sign in advice.says):
            yield danger


def _led_by(reply: str) -> tuple[Danger, str] | None:
    fixed = ((one, words) for one, advice in _advice().items() for words in advice.words.values())
    return next(((one, words) for one, words in fixed if reply.startswith(words)), None)


@cache
def _advice() -> dict[Danger, _Advice]:
    return {
        danger: _Advice(
            words=_table()[danger]["words"],
            covers=frozenset(map(Danger, _table()[danger]["covers"])),
            says=tuple(map(re.compile, _table()[danger]["says"])),
        )
        for danger in Danger
    }


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "safety_words.toml").read_text("utf-8"))
