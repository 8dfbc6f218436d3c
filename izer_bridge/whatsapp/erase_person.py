"""Removes a person from the client's session file or a copy of it, while no bridge runs.

Every row that names them goes, in every table, including keys: if they write again, the client asks
their phone for new ones, as for any stranger. The device's own row stays.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.identity import LID_SERVER, NUMBER_SERVER
from izer_bridge.host.plain_files import refuse_odd_sqlite

_OUR_OWN = "whatsmeow_device"

IsTheirs = Callable[[bytes], bool]


def forget(
    session_file: Path, addresses: Sequence[str], names: Sequence[str] = (), *, is_dry: bool
) -> int:
    """How many rows were (or would be) removed. Raises TransientError."""
    refuse_odd_sqlite(session_file)
    made = session_file.stat()
    try:
        with closing(sqlite3.connect(session_file)) as connection:
            with connection:
                # Removed rows must not remain readable in the file either.
                connection.execute("PRAGMA secure_delete = ON")
                everywhere = {*addresses, *_others_of(connection, addresses)}
                is_theirs = _recogniser(everywhere, names)
                count = sum(_forget(connection, one, is_theirs) for one in _tables(connection))
                if is_dry:
                    connection.rollback()
            if count and not is_dry:
                connection.execute("VACUUM")
    except sqlite3.DatabaseError as error:
        raise TransientError(f"{session_file} cannot be changed: {error}") from None
    # The newest copy, which is kept, is chosen by its time.
    os.utime(session_file, ns=(made.st_atime_ns, made.st_mtime_ns))
    return count


def _others_of(connection: sqlite3.Connection, addresses: Sequence[str]) -> list[str]:
    """The LIDs of these numbers and the numbers of these LIDs, as far as the client knows them."""
    if "whatsmeow_lid_map" not in _tables(connection):
        return []
    pairs = connection.execute("SELECT lid, pn FROM whatsmeow_lid_map").fetchall()
    known = [(f"{lid}@{LID_SERVER}", f"{number}@{NUMBER_SERVER}") for lid, number in pairs]
    return [one for pair in known if {*pair} & {*addresses} for one in pair]


def _recogniser(addresses: set[str], names: Sequence[str]) -> IsTheirs:
    """Addresses may appear with device and domain, as in `905551112233_1:7`."""
    users = {address.partition("@")[0] for address in addresses}
    parts = [rf"(?<!\d){user}(?!\d)" for user in sorted(users)]
    parts += [re.escape(name) for name in names]
    pattern = re.compile("|".join(parts).encode()) if parts else None
    return lambda value: pattern is not None and pattern.search(value) is not None


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    return [name for (name,) in connection.execute(query) if name != _OUR_OWN]


def _forget(connection: sqlite3.Connection, table: str, is_theirs: IsTheirs) -> int:
    rows = connection.execute(f'SELECT rowid, * FROM "{table}"')  # noqa: S608 (from its schema)
    theirs = [row[0] for row in rows if any(map(is_theirs, _bytes_in(row[1:])))]
    connection.executemany(
        f'DELETE FROM "{table}" WHERE rowid = ?',  # noqa: S608 (from its schema)
        ((one,) for one in theirs),
    )
    return len(theirs)


def _bytes_in(values: Sequence[object]) -> Iterator[bytes]:
    for value in values:
        if isinstance(value, str):
            yield value.encode("utf-8", "replace")
        elif isinstance(value, bytes):
            yield value
