"""Events that could not be recorded, for the operator to list, retry or drop.

It works on the inbox's file beside the bridge that has it open, and never records anything: the
bridge itself takes back events to be retried.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.inbox.inbox import BY_KIND, TABLES, disk_errors, moment

_LIST = "SELECT sequence, code, received_us, length(payload), kind, reason FROM set_aside"


@dataclass(frozen=True, slots=True)
class AsideEvent:
    """One event: why it was set aside, not what it contains. `code` is the client's number."""

    sequence: int
    code: int
    received_at: datetime
    size: int
    kind: str
    reason: str


class SetAside:
    """The events set aside in the inbox at `path`; none without an inbox. Raises TransientError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def list(self) -> Sequence[AsideEvent]:
        """All of them, oldest first, except those to be retried."""
        if not self._path.is_file():
            return ()
        with disk_errors(), closing(self._opened()) as connection:
            rows = connection.execute(f"{_LIST} WHERE NOT is_wanted ORDER BY sequence").fetchall()
        return [AsideEvent(row[0], row[1], moment(row[2]), *row[3:]) for row in rows]

    def retry(self, sequences: Sequence[int]) -> int:
        """Have the bridge record them again, now or when it starts; how many there were."""
        return self._change(
            "UPDATE set_aside SET is_wanted = 1 WHERE NOT is_wanted AND sequence = ?", sequences
        )

    def drop(self, sequences: Sequence[int]) -> int:
        """Delete them for good; how many there were."""
        return self._change("DELETE FROM set_aside WHERE NOT is_wanted AND sequence = ?", sequences)

    def _change(self, statement: str, sequences: Sequence[int]) -> int:
        if not sequences:
            return 0
        with disk_errors(), closing(self._opened()) as connection, connection:
            return connection.executemany(statement, ((one,) for one in sequences)).rowcount

    def _opened(self) -> sqlite3.Connection:
        refuse_odd_sqlite(self._path)
        connection = sqlite3.connect(f"file:{self._path}?mode=rw", uri=True, timeout=5)
        connection.executescript(TABLES)
        return connection


def kinds_in(path: Path) -> dict[str, int]:
    """How many there are by kind of error; nothing is changed. Raises TransientError."""
    refuse_odd_sqlite(path)
    with disk_errors(), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        if not connection.execute("PRAGMA table_info(set_aside)").fetchall():
            return {}  # an older version created the file
        return dict(connection.execute(BY_KIND).fetchall())
