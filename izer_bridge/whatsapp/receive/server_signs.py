"""Signs that WhatsApp's server is there, and its time, from the client's log lines; pure."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from izer_bridge.whatsapp.library.log_lines import RECEIVED, begins

# Only the server itself sends this stanza, and it contains nothing chosen by a stranger.
_SUCCESS = b"<success "
_TIME = re.compile(rb' t="(\d{9,11})"')


def _now() -> datetime:
    return datetime.now(UTC)


class ServerSigns:
    """Fed with every line of the client, on its threads.

    `heard_at` is the monotonic time (seconds) of the latest stanza of any kind, including an
    answered keepalive; None before the first. `clock_ahead_seconds` is by how much this machine's
    clock is ahead of WhatsApp's, as of the latest login.
    """

    def __init__(
        self, seconds: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = _now
    ) -> None:
        self.heard_at: float | None = None
        self.clock_ahead_seconds: float | None = None
        self._seconds = seconds
        self._now = now

    def line(self, raw: bytes) -> None:
        """One serialized LogEntry."""
        if not raw.endswith(RECEIVED):
            return
        self.heard_at = self._seconds()
        if begins(raw, _SUCCESS) and (found := _TIME.search(raw)):
            self.clock_ahead_seconds = self._now().timestamp() - int(found[1])
