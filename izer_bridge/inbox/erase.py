"""Erases a person's events from the inbox, both waiting and set aside.

Only while no bridge has the inbox open: a running bridge counts waiting events and may be recording
one.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.inbox.inbox import TABLES, disk_errors


def erase(path: Path, is_theirs: Callable[[bytes], bool], *, is_dry: bool) -> int:
    """How many events were erased, or would be. Raises TransientError."""
    if not path.is_file():
        return 0
    refuse_odd_sqlite(path)
    with disk_errors(), closing(sqlite3.connect(path, timeout=5)) as connection:
        connection.executescript(TABLES)
        with connection:
            connection.execute("PRAGMA secure_delete = ON")
            count = sum(_erase(connection, table, is_theirs) for table in ("inbox", "set_aside"))
            if is_dry:
                connection.rollback()
        if not is_dry:
            # Free pages may still hold words, even of events recorded long ago.
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count


def _erase(connection: sqlite3.Connection, table: str, is_theirs: Callable[[bytes], bool]) -> int:
    rows = connection.execute(f"SELECT sequence, payload FROM {table}")  # noqa: S608 (our own names)
    theirs = [sequence for sequence, payload in rows if is_theirs(payload)]
    connection.executemany(
        f"DELETE FROM {table} WHERE sequence = ?",  # noqa: S608 (our own names)
        ((one,) for one in theirs),
    )
    return len(theirs)
