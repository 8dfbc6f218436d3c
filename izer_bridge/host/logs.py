"""Logging for tailing: coloured on a terminal, one `key=value` line per event elsewhere."""

import logging
import os
import re
import sys
import time
from collections.abc import Callable, MutableMapping
from io import TextIOWrapper
from ipaddress import IPv4Address
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.plain_text import line, plain
from izer_bridge.host.lean_import import left_out
from izer_bridge.host.plain_files import open_plain

# The package that draws tracebacks on terminals takes 4 MB; ours are plain.
with left_out("rich", "rich.console", "rich.pretty", "rich.traceback"):
    import structlog

# Ids and counts may contain long runs of digits; fields of these names never hold phone numbers.
_OPEN_KEYS = frozenset(
    {"id", "message_id", "outbox", "row", "sequence", "timestamp", "count"}
    | {"key", "trace_id", "span_id"}
)
# Tracebacks, in which line breaks are kept.
_OF_LINES = frozenset({"exception", "stack"})
_HELD_BACK = "not_shown_before"
# One line a request says nothing that our own events do not say better.
_CHATTY = (
    *("aiohttp.access", "alembic", "neonize", "openai"),
    *("httpx", "httpcore", "httpx2", "httpcore2"),
)
# How systemd is told a line's level: sd-daemon(3).
_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
_STORMY = frozenset({"warning", "error", "critical"})
_MOST_ALIKE, _STORM_SECONDS, _MOST_KNOWN = 20, 60.0, 1000
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+")
_LONGEST_NAME = 300
_LARGEST_FILE, _OLDER_FILES = 10_000_000, 4
_LONG_DIGITS = re.compile(r"(?<!\d)(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ().-]{0,2}\d){8,}")


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to `stream` (stderr).

    Call it before neonize is imported: that library installs a handler if there is none.
    """
    out = stream or sys.stderr
    first, last = _chain()
    to_formatter = structlog.stdlib.ProcessorFormatter.wrap_for_formatter
    structlog.configure(
        processors=[*first, Storms(), *last, to_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _prepared(logging.StreamHandler(out), _renderer(out))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It complains about a missing ffmpeg, which only sending media would need.
    logging.getLogger("neonize.utils.ffmpeg").setLevel(logging.ERROR)


def also_into(path: Path) -> None:
    """Also log into this file, which only its user can read. Raises ConfigError.

    A line that cannot be written there is still on stderr.
    """
    try:
        handler = _LogFile(path, maxBytes=_LARGEST_FILE, backupCount=_OLDER_FILES, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--log-file {path}: {error.strerror}; it must be writable") from None
    logging.getLogger().addHandler(_prepared(handler, _lines()))


class _LogFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        return os.fdopen(open_plain(Path(self.baseFilename), flags), "a", encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (its name there)
        """A full disk is reported elsewhere, not once per line."""


def _chain() -> tuple[list[structlog.typing.Processor], list[structlog.typing.Processor]]:
    """The processors before each event is counted, and those after."""
    first: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
    ]
    last: list[structlog.typing.Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_numbers,
        shown_plainly,
    ]
    return first, last


def _prepared(handler: logging.Handler, renderer: structlog.typing.Processor) -> logging.Handler:
    first, last = _chain()
    handler.addFilter(ForeignStorms())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.ExtraAdder([_HELD_BACK]), *last],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    return handler


class WarningCounts:
    """How often a warning has occurred within its minute; `seconds` is monotonic."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._counts: dict[str, tuple[float, int]] = {}

    def held_back(self, name: str) -> int | None:
        """How many of `name` were not shown before this one; None: neither is this one."""
        now = self._seconds()
        since, count = self._counts.get(name, (-_STORM_SECONDS, 0))
        if now - since < _STORM_SECONDS:
            self._counts[name] = since, count + 1
            return None if count >= _MOST_ALIKE else 0
        if len(self._counts) >= _MOST_KNOWN:
            self._counts.clear()
        self._counts[name] = now, 1
        return max(count - _MOST_ALIKE, 0)


class Storms:
    """Lets the first of many similar warnings through, then once a minute how many were not shown.

    Warnings and errors of one event are similar. Only structlog's own chain may contain it: what it
    raises would end a thread or the event loop that logs through the standard library.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._counts = WarningCounts(seconds)

    def __call__(
        self, _: object, __: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        if event.get("level") not in _STORMY:
            return event
        held_back = self._counts.held_back(str(event.get("event")))
        if held_back is None:
            raise structlog.DropEvent
        if held_back:
            event[_HELD_BACK] = held_back
        return event


class ForeignStorms(logging.Filter):
    """The same for libraries: records of one logger that differ only in numbers are similar."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._counts = WarningCounts(seconds)

    def filter(self, record: logging.LogRecord) -> bool:
        # A structlog event is a dict here, and has been counted.
        if record.levelno < logging.WARNING or isinstance(record.msg, dict):
            return True
        words = _NUMBER.sub("#", str(record.msg)[:_LONGEST_NAME])
        held_back = self._counts.held_back(f"{record.name}: {words}")
        if held_back:
            setattr(record, _HELD_BACK, held_back)
        return held_back is not None


def redact_numbers(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep only the last two digits of each long run of digits, except in IP addresses."""
    for key, value in event.items():
        if isinstance(value, str) and key not in _OPEN_KEYS:
            event[key] = _LONG_DIGITS.sub(lambda run: _shown(run.group()), value)
    return event


def shown_plainly(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Whatever name strangers choose, one event stays one line and moves no cursor."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = plain(value) if key in _OF_LINES else line(value)
    return event


def _shown(digits: str) -> str:
    try:
        return str(IPv4Address(digits))
    except ValueError:
        return f"…{digits[-2:]}"


def _renderer(out: TextIO) -> structlog.typing.Processor:
    if out.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return _for_the_journal if _is_journal(out) else _lines()


def _is_journal(out: TextIO) -> bool:
    """Whether systemd has connected this stream to its journal; see systemd.exec(5)."""
    try:
        found = os.fstat(out.fileno())
    except (OSError, ValueError):  # a test's own stream, or one that is closed
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _for_the_journal(
    logger: object, name: str, event: MutableMapping[str, Any]
) -> structlog.typing.ProcessorReturnValue:
    """It has a clock of its own, and takes each line's priority from what stands before it."""
    priority = _PRIORITIES.get(str(event.get("level")), 6)
    event.pop("timestamp", None)
    in_order = structlog.processors.LogfmtRenderer(key_order=["level", "event"], bool_as_flag=False)
    written = str(in_order(logger, name, event))
    return "\n".join(f"<{priority}>{one}" for one in written.split("\n"))


def _lines() -> structlog.typing.Processor:
    return structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "event"], bool_as_flag=False
    )
