"""Follows each message through the client, and holds the client where a crash would lose one.

The client moves a message's ratchet before Python sees the message, and a message that is decrypted
and lost cannot be decrypted again. The client calls back for each of its log lines and waits. There
the sender's ratchets are saved before they move, and there the client is held before it sends a
receipt for a message that is not on disk, so that WhatsApp delivers it again after a crash. A
stanza's line only says which message comes; the client's own words and events say whose it is and
what became of it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from izer_bridge.whatsapp.crash_safety.undecrypted import Received
from izer_bridge.whatsapp.library import log_lines
from izer_bridge.whatsapp.library.log_lines import Stanza, StanzaSource

_MOST_KNOWN = 4_096
# More than the client can have decrypted beyond the writer's queue and its own.
_MOST_HELD = 256
_LONGEST_RECEIPT_SECONDS = 30.0

Key = tuple[StanzaSource, str]


@dataclass(slots=True)
class _Open:
    """A message between its decryption and the disk; `parts` of it are still to come.

    `arrived` is how many of its events are on their way to the disk.
    """

    stanza: Stanza
    parts: int
    arrived: int = 0
    can_be_undone: bool = False
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Part:
    """An event of a message, as the client itself describes it. `is_last` if no other follows."""

    source: StanzaSource
    message_id: str
    is_last: bool = False

    @property
    def key(self) -> Key:
        return self.source, log_lines.shown_id(self.message_id)


class Notes(Protocol):
    """Where it is recorded how decryptions can be undone."""

    def note(self, stanza: Stanza) -> bool: ...

    def sent(self) -> None: ...

    def forget(self, stanzas: Sequence[Stanza]) -> None: ...


class Gate:
    """Called on the client's threads.

    `notes` is told of each message before it is decrypted, and once it can no longer be lost;
    `on_ignored` of each that the client drops as decrypted before. `unmatched` counts decryptions
    whose stanza was not seen: a sign that the log's wording has changed.
    """

    def __init__(
        self,
        notes: Notes,
        on_ignored: Callable[[Stanza], None],
        *,
        longest_receipt_seconds: float = _LONGEST_RECEIPT_SECONDS,
    ) -> None:
        self.unmatched = 0
        self._notes = notes
        self._on_ignored = on_ignored
        self._longest_receipt_seconds = longest_receipt_seconds
        self._received = Received(_MOST_KNOWN)
        # In the order of their decryption, which is that of their events.
        self._open: dict[Key, _Open] = {}
        self._latest: _Open | None = None
        self._holders = threading.BoundedSemaphore(_MOST_HELD)
        self._lock = threading.Lock()

    def on_log(self, raw: bytes, line: Callable[[], str]) -> None:
        """Look at one log line; `line` parses it, which only few of them are worth."""
        if log_lines.begins(raw, log_lines.MESSAGE):
            if not raw.endswith(log_lines.SENT):
                self._on_received(log_lines.received(line()))
            else:
                self._notes.sent()
        elif log_lines.begins(raw, log_lines.DECRYPTING):
            self._on_decrypting(log_lines.decrypting(line()))
        elif log_lines.begins(raw, log_lines.RECEIPT):
            # Incoming receipts are other people's, for the shop's messages; they do not matter
            # here.
            if not raw.endswith(log_lines.RECEIVED):
                self._hold_receipt(log_lines.receipt_of(line()))
        elif log_lines.begins(raw, log_lines.IGNORED):
            self._ignored(self._told_of(line()))
        elif any(log_lines.begins(raw, words) for words in log_lines.GIVEN_UP):
            self._given_up(self._told_of(line()))

    def writing(self, part: Part) -> None:
        """An event of the message is about to be written to the disk."""
        with self._lock:
            one = self._open.get(part.key)
            if one is not None:
                one.arrived += 1
        if one is not None:
            self._end_those_before(one)

    def is_undoable(self, part: Part) -> bool:
        """Whether a crash now would lose nothing: WhatsApp delivers it again, to be decrypted."""
        with self._lock:
            one = self._open.get(part.key)
            return one is not None and one.can_be_undone

    def durable(self, parts: Sequence[Part]) -> None:
        """These events are on disk."""
        with self._lock:
            ended = [one for part in parts if (one := self._now_whole(part)) is not None]
        self._end(*ended)

    def _now_whole(self, part: Part) -> _Open | None:
        """The message of which this part was the last that could come."""
        one = self._open.get(part.key)
        if one is None:
            return None
        one.arrived -= 1
        one.parts = 0 if part.is_last else one.parts - 1
        return one if one.parts <= 0 else None

    def finished(self, part: Part) -> None:
        """Nothing more will come of the message."""
        with self._lock:
            one = self._open.get(part.key)
        if one is not None:
            self._end_those_before(one)
            self._end(one)

    def stop(self) -> None:
        """Hold nobody any longer."""
        with self._lock:
            for one in self._open.values():
                one.done.set()

    def _on_received(self, received: Stanza | None) -> None:
        if received is not None:
            with self._lock:
                self._received.add(received)

    def _on_decrypting(self, source: StanzaSource | None) -> None:
        self._latest = None
        found = self._next_of(source) if source is not None else None
        if found is None:
            self.unmatched += 1
        if found is None or not found.id:
            return
        one = self._latest = _Open(found, found.parts)
        with self._lock:
            key = _key(found)
            before = self._open.pop(key, None)
            self._open[key] = one
        if before is not None:
            before.done.set()
        one.can_be_undone = self._notes.note(found)

    def _next_of(self, source: StanzaSource) -> Stanza | None:
        """The stanza being decrypted now, given the source that the client names.

        Stanzas are decrypted in their order: in a group, the first whose line hides its sender fits
        too.
        """
        with self._lock:
            found = self._received.take(source)
        if found is None:
            return None
        return replace(found, chat=source.chat, sender=source.sender)

    def _told_of(self, line: str) -> _Open | None:
        """The message that the client gives up; it has said before that it decrypts it."""
        latest = self._latest
        return latest if latest is not None and log_lines.tells_of(line, latest.stanza) else None

    def _ignored(self, one: _Open | None) -> None:
        """The client has decrypted this part before. In a group the other part may be new."""
        if one is None:
            return
        self._on_ignored(one.stanza)
        with self._lock:
            one.parts -= 1
        if one.parts <= 0:
            self._end(one)

    def _given_up(self, one: _Open | None) -> None:
        if one is not None:
            self._end(one)

    def _hold_receipt(self, message_id: str | None) -> None:
        with self._lock:
            ones = [one for one in self._open.values() if one.stanza.id == message_id]
        if not (ones and self._holders.acquire(blocking=False)):
            return
        try:
            deadline = time.monotonic() + self._longest_receipt_seconds
            if not all(one.done.wait(max(0, deadline - time.monotonic())) for one in ones):
                self._end_the_silent()
        finally:
            self._holders.release()

    def _end_those_before(self, one: _Open) -> None:
        """Events come in the order of the decryptions: every earlier message has had its event."""
        with self._lock:
            silent = []
            for before in self._open.values():
                if before is one:
                    break
                if not before.arrived:
                    silent.append(before)
        self._end(*silent)

    def _end_the_silent(self) -> None:
        """A receipt was held for its longest time: unless the disk is to blame, nothing will come.

        All silent ones at once, so that many are held no longer than one.
        """
        with self._lock:
            are_silent = not any(one.arrived for one in self._open.values())
            silent = list(self._open.values()) if are_silent else []
        self._end(*silent)

    def _end(self, *ones: _Open) -> None:
        with self._lock:
            known = [one for one in ones if self._open.get(_key(one.stanza)) is one]
            for one in known:
                del self._open[_key(one.stanza)]
        if known:
            self._notes.forget([one.stanza for one in known])
        for one in ones:
            one.done.set()


def _key(one: Stanza) -> Key:
    return StanzaSource(one.chat, one.sender), one.id
