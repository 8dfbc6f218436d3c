"""Decides which of the shop's own messages its WhatsApp Business app sent automatically; pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from izer_bridge.domain.importance import folded

# Nobody reads a message and writes an answer in that time; WhatsApp counts whole seconds.
_AT_ONCE = timedelta(seconds=2)
# In a running conversation both sides may write at once; after this long, an answer was read first.
SILENCE = timedelta(minutes=10)
_LINK = re.compile(r"https?://\S+|\bwww\.\S+")
# Placeholders that the app or its owner fills in: a name, a link, a date.
_BLANK = re.compile(r"\{[^{}]*\}|<[^<>]*>|\[[^\[\]]*\]")
_WORDS = re.compile(r"\w+")
_ANYTHING = r"(?:\s\S+){0,8}"


@dataclass(frozen=True, slots=True)
class AutomaticTexts:
    """The texts of the app's greeting and away messages, as the settings give them.

    Case, punctuation and links do not matter; a placeholder matches up to eight words.
    """

    exact: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        texts = [text for text in texts if _plain(text)]
        blanks = [text for text in texts if _BLANK.search(_LINK.sub(" ", text))]
        return cls(
            frozenset(_plain(text) for text in texts if text not in blanks),
            tuple(map(_pattern, blanks)),
        )

    def hold(self, text: str) -> bool:
        if not (self.exact or self.patterns):
            return False
        plain = _plain(text)
        return plain in self.exact or any(one.fullmatch(plain) for one in self.patterns)


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """When somebody wrote in a chat, and whether it was the shop's side."""

    at: datetime
    from_me: bool


def follows_at_once(sent_at: datetime, before: Sequence[ChatTurn]) -> bool:
    """Whether a message, however short, comes right after the customer's first one in a while.

    `before` is what was written in the preceding `SILENCE`.
    """
    return bool(before) and all(not one.from_me and one.at >= sent_at - _AT_ONCE for one in before)


def _plain(text: str) -> str:
    return "".join(f" {word}" for word in _WORDS.findall(folded(_LINK.sub(" ", text))))


def _pattern(text: str) -> re.Pattern[str]:
    parts = _BLANK.split(_LINK.sub(" ", text))
    return re.compile(_ANYTHING.join(re.escape(_plain(part)) for part in parts))
