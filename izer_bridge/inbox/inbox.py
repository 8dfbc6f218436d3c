"""Keeps raw events on this machine's disk before anything else happens to them, in one SQLite file.

It does not know what an event means, and it never waits for the store or the network.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from izer_bridge.domain.errors import TransientError
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.inbox.entry import InboxEntry
from izer_bridge.store.sqlite_damage import set_aside_if_damaged

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BYTES_AT_ONCE = 8 * 1024 * 1024
TABLES = """
CREATE TABLE IF NOT EXISTS inbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    code INTEGER NOT NULL,
    payload BLOB NOT NULL,
    received_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS set_aside (
    sequence INTEGER PRIMARY KEY,
    code INTEGER NOT NULL,
    payload BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    is_wanted INTEGER NOT NULL DEFAULT 0
);
"""
_SELECT = "SELECT sequence, code, payload, received_us FROM inbox"
_INSERT = "INSERT INTO inbox (code, payload, received_us) VALUES (?, ?, ?)"
_WANTED = "FROM set_aside WHERE is_wanted"
_TAKE_BACK = "INSERT INTO inbox (code, payload, received_us) SELECT code, payload, received_us"
BY_KIND = "SELECT kind, count(*) FROM set_aside WHERE NOT is_wanted GROUP BY kind ORDER BY kind"


def _now() -> datetime:
    return datetime.now(UTC)


class SqliteInbox:
    """The events that are not in the store yet, oldest first.

    Every method may be called from any thread and raises TransientError if the disk refuses.
    `corrupt_file` is where a damaged inbox was set aside when this one was opened; `rescued` is how
    many of its events were still readable and are now in this one. `is_writable` says whether the
    latest event could be stored, `appended` how many arrived since this one was opened.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self.is_writable = True
        self.appended = 0
        refuse_odd_sqlite(path)
        with disk_errors():
            self.corrupt_file = set_aside_if_damaged(path)
            self._writer = _connect(path)
            self.rescued = self._rescue(self.corrupt_file) if self.corrupt_file else 0
            self._depth = int(self._writer.execute("SELECT count(*) FROM inbox").fetchone()[0])
            self._reader = _connect(path)

    def _rescue(self, damaged: Path) -> int:
        events = _readable(damaged)
        with _transaction(self._writer):
            self._writer.executemany("INSERT INTO inbox VALUES (?, ?, ?, ?)", events)
        return len(events)

    def append(self, events: Sequence[tuple[int, bytes]]) -> None:
        """Store events, each a code and a payload; all are on disk when this returns."""
        try:
            self._append(events)
        except TransientError:
            # Only then: the link is left while this is so, and nobody may see it in between.
            self.is_writable = False
            raise
        self.is_writable = True

    def _append(self, events: Sequence[tuple[int, bytes]]) -> None:
        received_us = (self._clock() - _EPOCH) // _MICROSECOND
        with self._write_lock, disk_errors():
            if len(events) == 1:
                [event] = events
                self._writer.execute(_INSERT, (*event, received_us))
            else:
                with _transaction(self._writer):
                    self._writer.executemany(_INSERT, [(*event, received_us) for event in events])
            self._depth += len(events)
            self.appended += len(events)

    def pending(self, limit: int) -> Sequence[InboxEntry]:
        """The oldest events, at most `limit` and little more than 8 MiB."""
        with self._read_lock, disk_errors():
            rows = self._reader.execute(f"{_SELECT} ORDER BY sequence LIMIT ?", (limit,))
            entries = list(_up_to(_BYTES_AT_ONCE, (_entry(*row) for row in rows)))
            rows.close()
        return entries

    def remove(self, sequences: Sequence[int]) -> None:
        """Forget events that are in the store; unknown ones are ignored."""
        with self._write_lock, disk_errors(), _transaction(self._writer):
            removed = self._writer.executemany(
                "DELETE FROM inbox WHERE sequence = ?", ((one,) for one in sequences)
            )
            self._depth -= max(removed.rowcount, 0)

    def set_aside(self, entry: InboxEntry, kind: str, reason: str) -> None:
        """Move an event that cannot be recorded out of the way; it is kept with the reason."""
        received_us = (entry.received_at - _EPOCH) // _MICROSECOND
        with self._write_lock, disk_errors(), _transaction(self._writer):
            self._writer.execute(
                "INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?, 0)",
                (entry.sequence, entry.code, entry.payload, received_us, kind, reason),
            )
            removed = self._writer.execute(
                "DELETE FROM inbox WHERE sequence = ?", (entry.sequence,)
            )
            self._depth -= removed.rowcount

    def take_back(self) -> int:
        """Queue the events named by `SetAside.retry` again; how many there were."""
        with self._read_lock, disk_errors():
            [count] = self._reader.execute(f"SELECT count(*) {_WANTED}").fetchone()
        if not count:
            return 0
        with self._write_lock, disk_errors(), _transaction(self._writer):
            taken = self._writer.execute(f"{_TAKE_BACK} {_WANTED} ORDER BY sequence")
            self._writer.execute(f"DELETE {_WANTED}")
            self._depth += taken.rowcount
            self.appended += taken.rowcount
        return taken.rowcount

    def depth(self) -> int:
        """How many events wait."""
        return self._depth

    def set_aside_by_kind(self) -> dict[str, int]:
        """How many events are set aside, by the kind of the error."""
        with self._read_lock, disk_errors():
            return dict(self._reader.execute(BY_KIND).fetchall())

    def answer(self) -> None:
        """Return as soon as both a writer and a reader could begin a transaction."""
        with self._write_lock, self._read_lock, disk_errors():
            self._reader.execute("SELECT 1 FROM inbox LIMIT 1").fetchone()

    def close(self) -> None:
        with self._write_lock, self._read_lock, disk_errors():
            self._reader.close()
            self._writer.close()


def waiting_in(path: Path) -> int:
    """How many events wait in the inbox of a stopped bridge; nothing is changed.

    Raises TransientError if no readable inbox is there, ConfigError if the path is not a file.
    """
    refuse_odd_sqlite(path)
    with disk_errors():
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            [count] = connection.execute("SELECT count(*) FROM inbox").fetchone()
        finally:
            connection.close()
    return int(count)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(TABLES)
    return connection


def _readable(damaged: Path) -> list[tuple[int, int, bytes, int]]:
    """The events of a damaged inbox, read from each end as far as it is readable."""
    found = {}
    connection = sqlite3.connect(f"file:{damaged}?mode=ro", uri=True)
    try:
        for way in ("ASC", "DESC"):
            with suppress(sqlite3.DatabaseError):
                for row in connection.execute(f"{_SELECT} ORDER BY sequence {way}"):
                    found[row[0]] = row
    finally:
        connection.close()
    return [found[sequence] for sequence in sorted(found)]


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield


@contextmanager
def disk_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
        raise TransientError(f"the inbox cannot be used: {error}") from error


def _entry(sequence: int, code: int, payload: bytes, received_us: int) -> InboxEntry:
    return InboxEntry(sequence, code, payload, moment(received_us))


def moment(received_us: int) -> datetime:
    """The time that a column `received_us` stands for."""
    return _EPOCH + received_us * _MICROSECOND


def _up_to(size: int, entries: Iterable[InboxEntry]) -> Iterator[InboxEntry]:
    for entry in entries:
        yield entry
        size -= len(entry.payload)
        if size <= 0:
            return
