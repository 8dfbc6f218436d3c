"""What SQLite leaves of deleted rows where they stood, and in its journal, goes from the file."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

_PATIENCE_SECONDS = 10.0


def sweep(store_url: str) -> str:
    """Empty; or why something is still there. Another server sees to its own files."""
    url = make_url(store_url)
    if url.drivername != "sqlite" or not url.database:
        return ""
    try:
        with closing(sqlite3.connect(url.database, timeout=_PATIENCE_SECONDS)) as connection:
            connection.execute("VACUUM")
            [is_busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        return f"what free pages of {Path(url.database).name} hold ({error}): run it again"
    if is_busy:
        return f"what the journal of {Path(url.database).name} holds, until the bridge has ended"
    return ""
