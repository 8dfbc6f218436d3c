"""Copies one moment of a SQLite file that another process may be writing.

It needs only the standard library, and runs as a separate program when the client is in the
process: the client brings a second SQLite, and POSIX locks cannot tell the two apart (decision 7).
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

_BUSY_SECONDS = 30
_ACTIVE = ("trigger", "view")
# The one virtual table that the bridge makes itself (`store/full_text.py`).
SEARCH_INDEX = "search_index"
_PLANTED = """
SELECT type, name FROM sqlite_master
WHERE type IN (?, ?) OR type = 'table' AND (sql LIKE 'CREATE VIRTUAL%' OR rootpage = 0)
"""


def copy(source: Path, target: Path) -> None:
    """Create `target` (0600), new, sound and on disk when this returns; nobody waits for it.

    Views, triggers and the search index are left out: the bridge creates its own again, and `check`
    lets none back in. Raises sqlite3.Error if the source is damaged or the disk refuses, OSError
    for the rest.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        _strip(writing)
    check(target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _strip(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    # What is left out leaves no words behind in the pages that it frees.
    connection.execute("PRAGMA secure_delete = ON")
    found = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN (?, ?)", _ACTIVE)
    for kind, name in found.fetchall():
        quoted = name.replace('"', '""')
        connection.execute(f'DROP {kind} IF EXISTS "{quoted}"')
    own = "SELECT 1 FROM sqlite_master WHERE name = ? AND sql LIKE 'CREATE VIRTUAL%USING fts5(%'"
    if connection.execute(own, (SEARCH_INDEX,)).fetchone():
        connection.execute(f"DROP TABLE {SEARCH_INDEX}")
    connection.commit()


def check(path: Path) -> None:
    """Refuse a file that is damaged or would act by itself (trigger, view, virtual table).

    Raises sqlite3.DatabaseError. Nobody may have the file open. Writes nothing.
    """
    address = f"{path.absolute().as_uri()}?immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        for kind, name in connection.execute(_PLANTED, _ACTIVE):
            raise sqlite3.DatabaseError(f"it holds the {kind} {name!r}, which no backup holds")
        [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"damaged: {verdict}")
