"""Raw events on this machine's disk before anything else happens to them: one SQLite file.

It does not know what an event means, and it never waits for the store or the network.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from izer_bridge.model.errors import TransientError
from izer_bridge.pipeline.ports import InboxEntry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BYTES_AT_ONCE = 8 * 1024 * 1024
_TABLES = """
CREATE TABLE IF NOT EXISTS inbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    code INTEGER NOT NULL,
    payload BLOB NOT NULL,
    received_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS unreadable (
    sequence INTEGER PRIMARY KEY,
    code INTEGER NOT NULL,
    payload BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    reason TEXT NOT NULL
);
"""
_INSERT = "INSERT INTO inbox (code, payload, received_us) VALUES (?, ?, ?)"


def _now() -> datetime:
    return datetime.now(UTC)


class SqliteInbox:
    """The events that are not in the store yet, oldest first.

    Every method may be called from any thread and raises TransientError when the disk refuses.
    `corrupt_file` is where an unreadable inbox was set aside when this one was opened, and
    `is_writable` says whether the latest event could be stored.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self.corrupt_file: Path | None = None
        self.is_writable = True
        with _disk_errors():
            try:
                self._writer = _connect(path)
                self._depth = _checked_depth(self._writer)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self.corrupt_file = _set_aside(path)
                self._writer = _connect(path)
                self._depth = 0
            self._reader = _connect(path)

    def append(self, events: Sequence[tuple[int, bytes]]) -> None:
        """Store events, each a code and a payload; all are on the disk when this returns."""
        received_us = (self._clock() - _EPOCH) // _MICROSECOND
        self.is_writable = False
        with self._write_lock, _disk_errors():
            if len(events) == 1:
                [event] = events
                self._writer.execute(_INSERT, (*event, received_us))
            else:
                with _transaction(self._writer):
                    self._writer.executemany(_INSERT, [(*event, received_us) for event in events])
            self._depth += len(events)
        self.is_writable = True

    def pending(self, limit: int) -> Sequence[InboxEntry]:
        """The oldest events, at most `limit`, and not many more than 8 MiB of them."""
        with self._read_lock, _disk_errors():
            rows = self._reader.execute(
                "SELECT sequence, code, payload, received_us FROM inbox ORDER BY sequence LIMIT ?",
                (limit,),
            )
            entries = list(_up_to(_BYTES_AT_ONCE, (_entry(*row) for row in rows)))
            rows.close()
        return entries

    def remove(self, sequences: Sequence[int]) -> None:
        """Forget events that are in the store; unknown ones are ignored."""
        with self._write_lock, _disk_errors(), _transaction(self._writer):
            removed = self._writer.executemany(
                "DELETE FROM inbox WHERE sequence = ?", ((one,) for one in sequences)
            )
            self._depth -= max(removed.rowcount, 0)

    def set_aside(self, entry: InboxEntry, reason: str) -> None:
        """Move an event that nobody can read out of the way; it is kept with the reason."""
        received_us = (entry.received_at - _EPOCH) // _MICROSECOND
        with self._write_lock, _disk_errors(), _transaction(self._writer):
            self._writer.execute(
                "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?, ?)",
                (entry.sequence, entry.code, entry.payload, received_us, reason),
            )
            removed = self._writer.execute(
                "DELETE FROM inbox WHERE sequence = ?", (entry.sequence,)
            )
            self._depth -= removed.rowcount

    def depth(self) -> int:
        """How many events wait."""
        return self._depth

    def unreadable(self) -> int:
        """How many events were set aside."""
        with self._read_lock, _disk_errors():
            [count] = self._reader.execute("SELECT count(*) FROM unreadable").fetchone()
        return int(count)

    def close(self) -> None:
        with self._write_lock, self._read_lock, _disk_errors():
            self._reader.close()
            self._writer.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_TABLES)
    return connection


def _checked_depth(connection: sqlite3.Connection) -> int:
    """The number of events. Raises sqlite3.DatabaseError when the file is damaged."""
    [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        connection.close()
        raise sqlite3.DatabaseError(verdict)
    [depth] = connection.execute("SELECT count(*) FROM inbox").fetchone()
    return int(depth)


def _set_aside(path: Path) -> Path:
    """Rename a damaged inbox with its journal; never delete it."""
    number = 1
    while (kept := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
        raise TransientError(f"the inbox cannot be used: {error}") from error


def _entry(sequence: int, code: int, payload: bytes, received_us: int) -> InboxEntry:
    return InboxEntry(sequence, code, payload, _EPOCH + received_us * _MICROSECOND)


def _up_to(size: int, entries: Iterable[InboxEntry]) -> Iterator[InboxEntry]:
    for entry in entries:
        yield entry
        size -= len(entry.payload)
        if size <= 0:
            return
