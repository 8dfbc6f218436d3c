"""Counts how much WhatsApp delivers of what was queued while the bridge was away; pure."""

import re

# Only WhatsApp itself sends these stanzas, and they contain nothing chosen by a stranger.
FROM_SERVER = b"<ib "
PREVIEW, END = b"<offline_preview ", b"<offline "

_MESSAGES = re.compile(r'<offline_preview [^>]*\bmessage="(\d+)"')


class OfflineCount:
    """Fed with the client's `Recv` lines in their order."""

    def __init__(self) -> None:
        self._announced: int | None = None
        self._came = 0

    def message(self) -> None:
        """A message stanza has arrived."""
        self._came += 1

    def announced(self, line: str) -> None:
        """WhatsApp says how many messages are queued."""
        found = _MESSAGES.search(line)
        self._announced = int(found[1]) if found else None
        self._came = 0

    def ended(self) -> str | None:
        """WhatsApp says that all has been delivered; what is wrong with that, if anything."""
        announced, self._announced = self._announced, None
        if announced is None or self._came >= announced:
            return None
        return f"WhatsApp announced {announced} messages, {self._came} came"
