"""Answers one question from the client's session file; runs as a separate program.

Its argument is the session file; the question and what it is about come as JSON on standard input,
as everybody on the machine may read arguments. The answer is JSON. The client has a SQLite of its
own in the bridge's process: closing the file there with another drops the client's locks, and
whoever opens it next truncates what the client has mapped, which ends the bridge
(https://sqlite.org/howtocorrupt.html, section 2.2). It needs nothing but the standard library.
"""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

_SECRETS = "SELECT DISTINCT key, sender_jid FROM whatsmeow_message_secrets WHERE message_id = ?"
_OTHER = """
SELECT pn || '@s.whatsapp.net' FROM whatsmeow_lid_map WHERE lid = :user AND :server = 'lid'
UNION ALL
SELECT lid || '@lid' FROM whatsmeow_lid_map WHERE pn = :user AND :server = 's.whatsapp.net'
"""
_OWN = "SELECT jid, lid FROM whatsmeow_device"
_ID = "SELECT message_id FROM whatsmeow_message_secrets WHERE key = ?"


def answer(session_file: Path, question: str, about: str) -> Any:
    """Raises sqlite3.Error, and ValueError for a question that is none."""
    address = f"{session_file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        match question:
            case "secrets":
                return _secrets(connection, about)
            case "id":
                row = connection.execute(_ID, (bytes.fromhex(about),)).fetchone()
                return row and row[0]
    raise ValueError(f"{question} is no question")


def _secrets(connection: sqlite3.Connection, message_id: str) -> dict[str, Any]:
    found = connection.execute(_SECRETS, (message_id,)).fetchall()
    return {
        "own": [one for row in connection.execute(_OWN) for one in row if one],
        "secrets": [[key.hex(), who, _others(connection, who)] for key, who in found],
    }


def _others(connection: sqlite3.Connection, jid: str) -> list[str]:
    """The same person's other addresses, by number or by LID."""
    name, _, server = jid.partition("@")
    user = name.partition(":")[0].partition(".")[0]
    return [one for (one,) in connection.execute(_OTHER, {"user": user, "server": server})]


if __name__ == "__main__":
    try:
        print(json.dumps(answer(Path(sys.argv[1]), *json.load(sys.stdin))))  # noqa: T201
    except (sqlite3.Error, ValueError) as error:
        sys.exit(str(error))
