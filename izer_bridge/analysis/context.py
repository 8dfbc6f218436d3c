"""What the chat before a message says about it. It refuses to judge the message alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from izer_bridge.analysis.signals import Signals, signals_of
from izer_bridge.model.message import HistoryEntry, Subject

# The last few messages tell what a short one means; more would cost time and mislead.
MOST_ENTRIES = 8
_LONGEST_ENTRY = 300
_LONG_SILENCE = timedelta(hours=12)
_FEW_WORDS = 4
_SHOP_COUNTS = 0.6
_OLDER_COUNTS = 0.75
_IMPATIENT = ("nudge", "waiting_long", "broken_promise", "denied_verb", "doubts", "nobody_answers")
_OFFERS = ("price", "stock", "reserve", "pay", "bargain", "instalments", "buy")
_TAKING = ("ack", "chosen", "buy")
_POLITE = ("ack", "thanks", "farewell", "celebration", "laughter", "praise", "media_sticker")


@dataclass(frozen=True, slots=True)
class Topic:
    """One earlier text, and how much it still counts, 0–1."""

    signals: Signals
    is_shops: bool
    counts: float


@dataclass(frozen=True, slots=True)
class Context:
    """`names` are signals; `topics` earlier texts, newest first."""

    names: frozenset[str]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    is_shops: bool
    sent_at: datetime
    signals: Signals


def context_of(subject: Subject, signals: Signals) -> Context:
    """What the chat adds to a message with these signals; of a group only that it is one."""
    if subject.is_group:
        return Context(frozenset({"in_group"}), ())
    lines = [_line(entry) for entry in subject.history[-MOST_ENTRIES:]]
    return Context(_names(lines, signals, subject.sent_at), _topics(lines))


def _line(entry: HistoryEntry) -> _Line:
    return _Line(entry.from_me, entry.sent_at, signals_of(entry.content[:_LONGEST_ENTRY]))


def _names(lines: Sequence[_Line], signals: Signals, now: datetime) -> frozenset[str]:
    if not lines:
        return frozenset()
    waiting = _unanswered(lines)
    shop_spoke_last = lines[-1].is_shops
    shop_asked = shop_spoke_last and "question" in lines[-1].signals
    is_short = signals.words <= _FEW_WORDS
    is_impatient = any(name in signals for name in _IMPATIENT)
    is_polite = any(name in signals for name in _POLITE)
    presses = not is_polite and (is_short or is_impatient)
    was_promised = any(line.is_shops and "promise" in line.signals for line in lines)
    was_offered = shop_spoke_last and any(name in lines[-1].signals for name in _OFFERS)
    states = {
        "shop_asked": shop_asked,
        "takes_offer": was_offered and is_short and any(name in signals for name in _TAKING),
        "gives_detail": shop_asked and "ack" not in signals and (is_short or "details" in signals),
        "asks_again": presses and bool(waiting),
        "asks_again_late": presses
        and (len(waiting) > 1 or any(now - one.sent_at > _LONG_SILENCE for one in waiting)),
        "promise_pending": was_promised
        and presses
        and (is_impatient or len(waiting) > 1)
        and (bool(waiting) or "waiting_long" in signals or "broken_promise" in signals),
        "closes": is_polite
        and not shop_asked
        and "question" not in signals
        and signals.words <= 2 * _FEW_WORDS,
    }
    return frozenset(name for name, holds in states.items() if holds)


def _unanswered(lines: Sequence[_Line]) -> list[_Line]:
    """The customer's last lines that the shop has not answered, oldest first."""
    waiting: list[_Line] = []
    for line in reversed(lines):
        if line.is_shops:
            break
        waiting.insert(0, line)
    return waiting


def _topics(lines: Sequence[_Line]) -> tuple[Topic, ...]:
    """The customer's texts count more than the shop's, the newest most."""
    return tuple(
        Topic(
            line.signals,
            line.is_shops,
            (_SHOP_COUNTS if line.is_shops else 1.0) * _OLDER_COUNTS**age,
        )
        for age, line in enumerate(reversed(lines))
    )
