"""Takes a person out of the client's session file or a copy of it, while no bridge runs.

Keys stay: without them the client could not read what the person writes next.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.identity import LID_SERVER, NUMBER_SERVER
from izer_bridge.host.plain_files import refuse_odd_sqlite

# What names somebody, or holds what was said.
_TABLES = (
    ("whatsmeow_contacts", "their_jid"),
    ("whatsmeow_chat_settings", "chat_jid"),
    ("whatsmeow_message_secrets", "chat_jid"),
    ("whatsmeow_message_secrets", "sender_jid"),
    ("whatsmeow_privacy_tokens", "their_jid"),
    ("whatsmeow_retry_buffer", "chat_jid"),
)


def forget(session_file: Path, addresses: Sequence[str], *, is_dry: bool) -> int:
    """How many rows were (or would be) removed. Raises TransientError."""
    refuse_odd_sqlite(session_file)
    count = 0
    made = session_file.stat()
    try:
        with closing(sqlite3.connect(session_file)) as connection, connection:
            # What is removed must not be readable in the file either.
            connection.execute("PRAGMA secure_delete = ON")
            everywhere = {*addresses, *_others_of(connection, addresses)}
            for table, column in _TABLES:
                for address in sorted(everywhere):
                    count += _forget(connection, table, column, address)
            if is_dry:
                connection.rollback()
    except sqlite3.DatabaseError as error:
        raise TransientError(f"{session_file} cannot be changed: {error}") from None
    # Which copy is the newest, and so is kept, goes by its time.
    os.utime(session_file, ns=(made.st_atime_ns, made.st_mtime_ns))
    return count


def _others_of(connection: sqlite3.Connection, addresses: Sequence[str]) -> list[str]:
    """The LIDs of these numbers and the numbers of these LIDs, as the client has learnt them."""
    if not _is_there(connection, "whatsmeow_lid_map"):
        return []
    pairs = connection.execute("SELECT lid, pn FROM whatsmeow_lid_map").fetchall()
    known = [(f"{lid}@{LID_SERVER}", f"{number}@{NUMBER_SERVER}") for lid, number in pairs]
    return [one for pair in known if {*pair} & {*addresses} for one in pair]


def _is_there(connection: sqlite3.Connection, table: str) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    return bool(connection.execute(query, (table,)).fetchone()[0])


def _forget(connection: sqlite3.Connection, table: str, column: str, address: str) -> int:
    if not _is_there(connection, table):
        return 0
    user, _, server = address.partition("@")
    # Also with the device part, as in 905551112233:7@s.whatsapp.net.
    removed = connection.execute(
        f"DELETE FROM {table} WHERE {column} = ? OR {column} LIKE ?",  # noqa: S608 - our own names
        (address, f"{user}:%@{server}"),
    )
    return removed.rowcount
