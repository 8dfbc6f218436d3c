"""Follows each message through the client, and holds the client where a crash would lose one.

The client moves a message's ratchet before Python sees the message, and what is decrypted and lost
cannot be decrypted again. It calls back for each of its log lines and waits: there its sender's
ratchets are saved before they move, and there it is held before it sends a receipt for a message
that is not on the disk, so that WhatsApp delivers it again after a crash.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from izer_bridge.edges.whatsapp import stanza
from izer_bridge.edges.whatsapp.stanza import Stanza

_MOST_KNOWN = 4_096
# A message that leads to no event must not stop those behind it.
PATIENCE_SECONDS = 0.05
_LONGEST_RECEIPT_SECONDS = 30.0


@dataclass(slots=True)
class _Open:
    """A message between its decryption and the disk; `parts` of it are still to come."""

    stanza: Stanza
    parts: int
    is_being_written: bool = False
    can_be_undone: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class Notes(Protocol):
    """Where it is noted how decryptions can be undone."""

    def note(self, stanza: Stanza) -> bool: ...

    def sent(self) -> None: ...

    def forget(self, message_id: str) -> None: ...


class Gate:
    """Called on the client's threads.

    `notes` is told of each message before it is decrypted, and once nothing of it can be lost any
    more; `on_ignored` of each that the client drops as decrypted before. With `one_at_a_time` the
    client is also held until the message before is on the disk. `unmatched` counts decryptions
    whose stanza was not seen: then the wording has changed.
    """

    def __init__(
        self,
        notes: Notes | None,
        on_ignored: Callable[[Stanza], None],
        *,
        holds_receipts: bool,
        one_at_a_time: bool,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.unmatched = 0
        self._notes = notes
        self._on_ignored = on_ignored
        self._holds_receipts = holds_receipts
        self._one_at_a_time = one_at_a_time
        self._patience_seconds = patience_seconds
        self._received: OrderedDict[str, Stanza] = OrderedDict()
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def on_log(self, raw: bytes, line: Callable[[], str]) -> None:
        """Look at one log line; `line` parses it, which only few of them are worth."""
        if stanza.MESSAGE in raw:
            if not raw.endswith(stanza.SENT):
                self._on_received(stanza.received(line()))
            elif self._notes is not None:
                self._notes.sent()
        elif stanza.DECRYPTING in raw:
            self._on_decrypting(stanza.decrypting(line()))
        elif stanza.RECEIPT in raw and self._holds_receipts:
            self._hold_receipt(stanza.receipt_of(line()))
        elif stanza.IGNORED in raw:
            self._ignored(stanza.given_up(line()))
        elif any(words in raw for words in stanza.GIVEN_UP):
            self.finished(stanza.given_up(line()))

    def writing(self, message_id: str) -> None:
        """An event of the message is about to be written to the disk."""
        with self._lock:
            one = self._open.get(message_id)
            if one is not None:
                one.is_being_written = True

    def is_undoable(self, message_id: str) -> bool:
        """Whether a crash now would lose nothing: WhatsApp delivers it again, to be decrypted."""
        with self._lock:
            one = self._open.get(message_id)
            return self._holds_receipts and one is not None and one.can_be_undone

    def durable(self, message_id: str) -> None:
        """An event of the message is on the disk."""
        with self._lock:
            one = self._open.get(message_id)
            if one is None:
                return
            one.parts -= 1
            one.is_being_written = False
        if one.parts <= 0:
            self.finished(message_id)

    def finished(self, message_id: str | None) -> None:
        """Nothing more will come of the message."""
        with self._lock:
            one = self._open.pop(message_id or "", None)
        if one is not None and message_id:
            if self._notes is not None:
                self._notes.forget(message_id)
            one.done.set()

    def stop(self) -> None:
        """Hold nobody any more."""
        with self._lock:
            for one in self._open.values():
                one.done.set()

    def _on_received(self, received: Stanza | None) -> None:
        if received is None:
            return
        with self._lock:
            self._received[received.id] = received
            while len(self._received) > _MOST_KNOWN:
                self._received.popitem(last=False)

    def _on_decrypting(self, sender: str | None) -> None:
        if self._one_at_a_time:
            self._wait_for_those_before()
        found = self._next_of(sender)
        if found is None:
            return
        one = _Open(found, found.parts)
        with self._lock:
            self._open[found.id] = one
        if self._notes is not None:
            one.can_be_undone = self._notes.note(found)

    def _next_of(self, sender: str | None) -> Stanza | None:
        with self._lock:
            for one in self._received.values():
                if one.sender == sender:
                    return self._received.pop(one.id)
            self.unmatched += 1
            return None

    def _wait_for_those_before(self) -> None:
        with self._lock:
            before = list(self._open.items())
        for message_id, one in before:
            one.done.wait(self._patience_seconds)
            if one.is_being_written:
                one.done.wait()
            # Whoever led to no event in time has nothing that could be lost.
            self.finished(message_id)

    def _ignored(self, message_id: str | None) -> None:
        """The client has decrypted this part before. In a group the other part may be new."""
        with self._lock:
            one = self._open.get(message_id or "")
        if one is not None:
            self._on_ignored(one.stanza)
            self.durable(one.stanza.id)

    def _hold_receipt(self, message_id: str | None) -> None:
        with self._lock:
            one = self._open.get(message_id or "")
        if one is not None:
            one.done.wait(_LONGEST_RECEIPT_SECONDS)
