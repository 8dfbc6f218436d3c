"""Passes the client's own warnings on, without any number or text in them."""

import re

import structlog
from neonize.proto.Neonize_pb2 import LogEntry

log = structlog.get_logger(__name__)

_LEVELS = {"WARN": log.warning, "ERROR": log.error}
_DIGITS = re.compile(r"\d{5,}")
_LONGEST = 300
# Most lines are of level DEBUG and hold stanzas; they are not even parsed.
_DEBUG = b"DEBUG"


def forward(raw: bytes) -> None:
    """Log one serialized LogEntry if it is a warning or worse."""
    if _DEBUG in raw:
        return
    entry = LogEntry.FromString(raw)
    write = _LEVELS.get(entry.Level.upper())
    if write is not None:
        write("whatsapp_client", part=entry.Name, said=_DIGITS.sub("…", entry.Message)[:_LONGEST])
