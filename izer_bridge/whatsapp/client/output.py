"""What the client's library prints by itself: events of ours instead of lines between ours.

Its Go part writes to the process's standard output, with customers' numbers ("no LID found for
9055…@s.whatsapp.net"). Standard error is left alone, "Press Ctrl+C to exit" in it too: there the
traces of a crash go, which nothing inside the process could pass on any more.
"""

import os
import re
import sys
import threading
from collections.abc import Iterator

import structlog

from izer_bridge.domain.plain_text import line

log = structlog.get_logger(__name__)

_STDOUT = 1
_MOST_BYTES, _LONGEST = 64 * 1024, 300
_DIGITS = re.compile(r"\d{5,}")


def capture() -> None:
    """From here on Python alone writes to standard output; what anything else writes is logged.

    For the whole life of the process: the library's threads end with it.
    """
    if sys.stdout is None:  # it was closed before the start: nobody reads there
        return
    sys.stdout.flush()
    kept = os.dup(_STDOUT)
    reading, writing = os.pipe()
    os.dup2(writing, _STDOUT)
    os.close(writing)
    sys.stdout = os.fdopen(
        kept, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors, buffering=1
    )
    threading.Thread(target=_log_all, args=(reading,), name="client-output", daemon=True).start()


def _log_all(descriptor: int) -> None:
    for said in _lines(descriptor):
        if words := shown(said):
            log.info("whatsapp_client_said", said=words)


def shown(said: bytes) -> str:
    """Without numbers."""
    text = line(said.decode("utf-8", "replace")).strip()
    return _DIGITS.sub("…", text)[:_LONGEST]


def _lines(descriptor: int) -> Iterator[bytes]:
    """Whole ones, and what is longer than any of them in pieces."""
    rest = b""
    while part := os.read(descriptor, _MOST_BYTES):
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
        if len(rest) > _MOST_BYTES:
            yield rest
            rest = b""
