"""Finds damaged SQLite files before use and sets them aside; never repairs or deletes them."""

import sqlite3
from pathlib import Path

_PARTS = ("-wal", "-shm", "")


def set_aside_if_damaged(path: Path) -> Path | None:
    """Rename a damaged file and its journal; the new path, or None if it is sound or absent.

    Raises sqlite3.OperationalError if the disk refuses.
    """
    if not path.exists() or _is_sound(path):
        return None
    number = 1
    while (kept := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in _PARTS:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


def _is_sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return bool(verdict == "ok")
