"""Writes events to the inbox on a separate thread, all that have arrived per transaction."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.fault import fault_of
from izer_bridge.whatsapp.crash_safety.receipt_gate import Part

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 0.25
# This many messages may be decrypted and not yet on disk; then the client is held.
_MOST_WAITING = 32
_LONGEST_STOP_SECONDS = 3.0


class EventSink(Protocol):
    """Stores events on disk, in order."""

    def append(self, events: Sequence[tuple[int, bytes]]) -> None:
        """Return when all are on disk. Raises TransientError, and then none of them is."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the client; `part` says which message it belongs to, if any."""

    code: int
    payload: bytes
    part: Part | None
    # Also set when the disk refused it at the end.
    written: threading.Event = field(default_factory=threading.Event)


class InboxWriter:
    """`written` is called on the writer's thread with the events that are on disk."""

    def __init__(self, inbox: EventSink, written: Callable[[Sequence[Event]], None]) -> None:
        self._inbox = inbox
        self._written = written
        self._waiting: queue.Queue[Event | None] = queue.Queue(_MOST_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Wait while too many are waiting: a full disk costs time, not a message."""
        if self._stopping.is_set():
            event.written.set()
        else:
            self._waiting.put(event)

    def stop(self) -> None:
        """Write what waits; events that the disk refuses now are given up."""
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join(_LONGEST_STOP_SECONDS)

    def _run(self) -> None:
        has_ended = False
        while not has_ended:
            batch = [self._waiting.get()]
            while batch[-1] is not None and not self._waiting.empty():
                batch.append(self._waiting.get())
            has_ended = batch[-1] is None
            self._write([one for one in batch if one is not None])

    def _write(self, events: Sequence[Event]) -> None:
        rows = [(one.code, one.payload) for one in events]
        try:
            if rows and write_down(self._inbox, rows, self._stopping):
                self._written(events)
        except Exception as error:
            # They are on disk; a callee that fails must not hold up those behind them.
            log.exception("events_not_told", kind=fault_of(error).kind)
        finally:
            for one in events:
                one.written.set()


def write_down(
    inbox: EventSink, events: Sequence[tuple[int, bytes]], stopping: threading.Event
) -> bool:
    """Try until the disk accepts them; False if it refuses and the bridge is stopping."""
    while True:
        try:
            inbox.append(events)
        except TransientError as error:
            log.error("inbox_refused_event", error=str(error))
        except Exception:
            # The error border of the client's threads: whatever it is, the event is still only
            # ours.
            log.exception("inbox_failed")
        else:
            return True
        if stopping.wait(_RETRY_SECONDS):
            return False
