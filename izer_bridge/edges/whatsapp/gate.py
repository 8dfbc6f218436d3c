"""Lets the client decrypt one message only when the one before it is on the disk.

The client moves a message's ratchet before Python sees the message, and a message that is decrypted
and lost cannot be decrypted again. The client calls back for each of its log lines and waits: that
is where it is held. It is also held before it sends a receipt for a message that is not durable
yet, so that WhatsApp delivers it again after a crash.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from izer_bridge.edges.whatsapp import stanza
from izer_bridge.edges.whatsapp.stanza import Stanza

_MOST_KNOWN = 4_096
# A message that leads to no event must not stop those behind it.
PATIENCE_SECONDS = 0.05
_LONGEST_RECEIPT_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.05


@dataclass(slots=True)
class _Open:
    """A message between its decryption and the disk; `parts` of it are still to come."""

    parts: int
    since: float
    is_being_written: bool = False


class Gate:
    """Called on the client's threads.

    `prepare` is given each message that is next, while the one before may still be on its way to
    the disk; what it gives back is called when that one is there.
    `unmatched` counts decryptions whose stanza was not seen: then the wording has changed.
    """

    def __init__(
        self,
        prepare: Callable[[Stanza], Callable[[], None]],
        *,
        holds_receipts: bool,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.unmatched = 0
        self._prepare = prepare
        self._holds_receipts = holds_receipts
        self._patience_seconds = patience_seconds
        self._received: OrderedDict[str, Stanza] = OrderedDict()
        self._open: dict[str, _Open] = {}
        self._changed = threading.Condition()
        self._is_stopped = False

    def on_log(self, raw: bytes, line: Callable[[], str]) -> None:
        """Look at one log line; `line` parses it, which only few of them are worth."""
        if stanza.RECEIVED in raw:
            self._on_received(stanza.received(line()))
        elif stanza.DECRYPTING in raw:
            self._on_decrypting(stanza.decrypting(line()))
        elif stanza.SENDING in raw and self._holds_receipts:
            self._hold_receipt(stanza.receipt_of(line()))
        elif any(words in raw for words in stanza.GIVEN_UP):
            self.finished(stanza.given_up(line()))

    def is_last_part(self, message_id: str) -> bool:
        """Note that an event of the message is being written; whether no other will follow."""
        with self._changed:
            one = self._open.get(message_id)
            if one is None:
                return True
            one.is_being_written = True
            return one.parts <= 1

    def durable(self, message_id: str) -> None:
        """An event of the message is on the disk."""
        with self._changed:
            one = self._open.get(message_id)
            if one is None:
                return
            one.parts -= 1
            one.is_being_written = False
            if one.parts <= 0:
                del self._open[message_id]
            self._changed.notify_all()

    def finished(self, message_id: str | None) -> None:
        """Nothing more will come of the message."""
        with self._changed:
            if message_id is not None and self._open.pop(message_id, None) is not None:
                self._changed.notify_all()

    def stop(self) -> None:
        """Hold nobody any more."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def _on_received(self, received: Stanza | None) -> None:
        if received is None:
            return
        with self._changed:
            self._received[received.id] = received
            while len(self._received) > _MOST_KNOWN:
                self._received.popitem(last=False)

    def _on_decrypting(self, sender: str | None) -> None:
        found = self._next_of(sender)
        ready = self._prepare(found) if found else None
        with self._changed:
            self._wait_until(self._is_clear)
            # Whoever led to no event in time has nothing that could be lost.
            self._open.clear()
            if found is not None:
                self._open[found.id] = _Open(found.parts, time.monotonic())
        if ready is not None:
            ready()

    def _next_of(self, sender: str | None) -> Stanza | None:
        with self._changed:
            for one in self._received.values():
                if one.sender == sender:
                    return self._received.pop(one.id)
            self.unmatched += 1
            return None

    def _hold_receipt(self, message_id: str | None) -> None:
        deadline = time.monotonic() + _LONGEST_RECEIPT_SECONDS
        with self._changed:
            self._wait_until(
                lambda now: (
                    message_id not in self._open
                    or (now > deadline and not self._open[message_id].is_being_written)
                )
            )

    def _is_clear(self, now: float) -> bool:
        return all(
            not one.is_being_written and now - one.since > self._patience_seconds
            for one in self._open.values()
        )

    def _wait_until(self, holds: Callable[[float], bool]) -> None:
        while not (self._is_stopped or holds(time.monotonic())):
            self._changed.wait(_LOOK_AGAIN_SECONDS)
