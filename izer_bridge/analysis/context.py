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
_DISPLEASED = ("anger", "disappointment", "broken_promise", "nobody_answers", "defective_delivery")


@dataclass(frozen=True, slots=True)
class Context:
    """`names` are signals; `topics` earlier texts with how much they still count, newest first."""

    names: frozenset[str]
    topics: tuple[tuple[Signals, float], ...]


def context_of(subject: Subject) -> Context:
    """The signals of the chat, and its topics; in a group only that it is one."""
    if subject.is_group:
        return Context(frozenset({"in_group"}), ())
    entries = subject.history[-MOST_ENTRIES:]
    read = [(entry, signals_of(entry.content[:_LONGEST_ENTRY])) for entry in entries]
    names = {
        name
        for name, holds in (
            ("shop_asked", _shop_asked(read)),
            ("shop_answered", _shop_answered(read)),
            ("shop_closed", _shop_closed(read)),
            ("unanswered", _is_unanswered(entries)),
            ("long_unanswered", _is_unanswered(entries) and _is_long(entries, subject.sent_at)),
            ("promised", _was_promised(read)),
            ("was_displeased", _was_displeased(read)),
        )
        if holds
    }
    return Context(frozenset(names), tuple(_topics(read)))


_Read = Sequence[tuple[HistoryEntry, Signals]]


def _shop_asked(read: _Read) -> bool:
    return bool(read) and read[-1][0].from_me and "question" in read[-1][1]


def _shop_answered(read: _Read) -> bool:
    return bool(read) and read[-1][0].from_me and "question" not in read[-1][1]


def _shop_closed(read: _Read) -> bool:
    return bool(read) and read[-1][0].from_me and "shop_closing" in read[-1][1]


def _is_unanswered(entries: Sequence[HistoryEntry]) -> bool:
    return bool(entries) and not entries[-1].from_me


def _is_long(entries: Sequence[HistoryEntry], now: datetime) -> bool:
    """Whether the customer wrote twice in vain, or waits for long."""
    waiting = []
    for entry in reversed(entries):
        if entry.from_me:
            break
        waiting.append(entry)
    return len(waiting) > 1 or now - waiting[-1].sent_at > _LONG_SILENCE


def _was_promised(read: _Read) -> bool:
    return any(entry.from_me and "promise" in signals for entry, signals in read)


def _was_displeased(read: _Read) -> bool:
    return any(
        not entry.from_me and any(name in signals for name in _DISPLEASED)
        for entry, signals in read
    )


def _topics(read: _Read) -> list[tuple[Signals, float]]:
    """The customer's texts count more than the shop's, the newest most."""
    topics = []
    weight = 1.0
    for entry, signals in reversed(read):
        topics.append((signals, weight * (0.6 if entry.from_me else 1.0)))
        weight *= 0.75
    return topics
