"""Passes on the client's own warnings, without any number or text in them, and without storms."""

import logging
import re
import time
from collections.abc import Callable

import structlog
from neonize.proto.Neonize_pb2 import LogEntry

from izer_bridge.whatsapp.library.log_lines import begins
from izer_bridge.whatsapp.library.utf8 import text_of

log = structlog.get_logger(__name__)

# Its errors are lost connections and the like, from which it recovers by itself; if somebody must
# act, the link says so as a state.
_LEVELS = {"WARN": logging.WARNING, "ERROR": logging.WARNING}
_DIGITS = re.compile(r"\d{5,}")
_LONGEST = 300
# Most lines are DEBUG and contain stanzas; they are not even parsed.
_DEBUG = b"\x12\x05DEBUG\x1a"
# Logged at each message from a sender without a LID; nobody needs to act on it.
_NO_LID = b"No LID found for "
_QUIET_SECONDS = 60.0
_MOST_KNOWN = 200


class ClientLog:
    """Logs each of the client's warnings once a minute, with how often it occurred in between."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._said: dict[str, tuple[float, int]] = {}

    def forward(self, raw: bytes) -> None:
        """Take one serialized LogEntry; anything but a warning is dropped."""
        if _DEBUG in raw or begins(raw, _NO_LID):
            return
        entry = LogEntry.FromString(raw)
        level = _LEVELS.get(entry.Level.upper())
        if level is None:
            return
        # Some contain the whole stanza, including the sender's self-chosen name.
        words = _DIGITS.sub("…", text_of(entry.Message).partition("<")[0])[:_LONGEST]
        now = self._seconds()
        since, held_back = self._said.get(words, (-_QUIET_SECONDS, 0))
        if now - since < _QUIET_SECONDS:
            self._said[words] = since, held_back + 1
            return
        if len(self._said) >= _MOST_KNOWN:
            self._said.clear()
        self._said[words] = now, 0
        repeated = {"not_shown_before": held_back} if held_back else {}
        log.log(level, "whatsapp_client", part=entry.Name, said=words, **repeated)
