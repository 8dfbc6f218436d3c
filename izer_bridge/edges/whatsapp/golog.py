"""Passes the client's own log lines on, without any number or text in them."""

import ctypes
import re

import structlog
from neonize.proto.Neonize_pb2 import LogEntry

log = structlog.get_logger(__name__)

_LEVELS = {"WARN": log.warning, "ERROR": log.error}
_DIGITS = re.compile(r"\d{5,}")
_LONGEST = 300


def forward_log(address: int, size: int) -> None:
    """Called by Go on any of its threads with a serialized LogEntry."""
    if not address or size <= 0:
        return
    entry = LogEntry.FromString(ctypes.string_at(address, size))
    write = _LEVELS.get(entry.Level.upper())
    if write is not None:
        write("whatsapp_client", part=entry.Name, said=_DIGITS.sub("…", entry.Message)[:_LONGEST])
