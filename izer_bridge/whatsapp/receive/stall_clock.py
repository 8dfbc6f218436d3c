"""The inbox as the client's threads use it, and whether they still make progress with it."""

import threading
import time
from collections.abc import Callable, Sequence

from izer_bridge.whatsapp.receive.inbox_writer import EventSink


class Ingest:
    """An inbox that knows how long events have waited without an attempt to store one.

    A disk that refuses is tried again and again, which is not a standstill: no restart frees a
    disk. Every method may be called from any thread.
    """

    def __init__(self, inbox: EventSink, seconds: Callable[[], float] = time.monotonic) -> None:
        self._inbox = inbox
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting = 0
        self._moved_at = seconds()

    def append(self, events: Sequence[tuple[int, bytes]]) -> None:
        """As the inbox's `append`. Raises TransientError."""
        try:
            self._inbox.append(events)
        finally:
            self._moved_at = self._seconds()

    def entered(self) -> None:
        """An event is on its way."""
        with self._lock:
            if self._waiting == 0:
                self._moved_at = self._seconds()
            self._waiting += 1

    def left(self, count: int) -> None:
        """This many are on disk."""
        with self._lock:
            self._waiting -= count

    def still_seconds(self) -> float:
        """For how long nothing has moved although something waits."""
        with self._lock:
            return self._seconds() - self._moved_at if self._waiting else 0.0
