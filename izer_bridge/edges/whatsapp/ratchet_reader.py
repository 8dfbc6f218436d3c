"""Reads ratchets out of the client's session file, as a process of its own.

A process must not open an SQLite file with two copies of SQLite: the client has one built in, and
POSIX locks do not tell them apart (https://sqlite.org/howtocorrupt.html, section 2.2). So this runs
beside the bridge, with nothing but the standard library: a request is one line of JSON with `chat`
and `addresses` (JIDs), the answer one line with the fields of `Ratchets`.
"""

import base64
import json
import sqlite3
import sys
from typing import Any

SESSION = "SELECT our_jid, their_id, session FROM whatsmeow_sessions WHERE their_id = ?"
SENDER_KEY = """
SELECT our_jid, chat_id, sender_id, sender_key FROM whatsmeow_sender_keys
WHERE chat_id = ? AND sender_id = ?
"""
ONE_TIME_KEYS = "SELECT jid, key_id, key, uploaded FROM whatsmeow_pre_keys"
OTHER_ADDRESS = """
SELECT lid || '@lid' FROM whatsmeow_lid_map WHERE pn = ?1
UNION SELECT pn || '@s.whatsapp.net' FROM whatsmeow_lid_map WHERE lid = ?1
"""
LID_AGENT = "_1"


def ratchets(connection: sqlite3.Connection, chat: str, addresses: list[str]) -> dict[str, Any]:
    """What decrypting a message of this sender in this chat may change."""

    def rows(query: str, *values: str) -> list[list[Any]]:
        return [list(row) for row in connection.execute(query, values)]

    known = set(addresses)
    for address in addresses if len(known) == 1 else ():
        user, _, device = address.partition("@")[0].partition(":")
        known |= {_with_device(other, device) for (other,) in rows(OTHER_ADDRESS, user)}
    names = sorted(map(signal_address, known))
    sessions = [row for name in names for row in rows(SESSION, name)]
    return {
        "chat": chat,
        "addresses": names,
        "sessions": sessions,
        "sender_keys": [row for name in names for row in rows(SENDER_KEY, chat, name)],
        # Only what opens a session uses up a one-time key.
        "one_time_keys": [] if sessions else rows(ONE_TIME_KEYS),
    }


def signal_address(address: str) -> str:
    """`user[_1]:device`, as libsignal names a JID; a LID has the agent 1."""
    user, _, server = address.partition("@")
    name, _, device = user.partition(":")
    return f"{name}{LID_AGENT if server == 'lid' else ''}:{device or 0}"


def _with_device(address: str, device: str) -> str:
    user, _, server = address.partition("@")
    return f"{user}:{device}@{server}" if device else address


def _as_text(raw: bytes) -> dict[str, str]:
    return {"b": base64.b64encode(raw).decode()}


def main(path: str) -> None:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = ratchets(connection, request["chat"], request["addresses"])
        except sqlite3.Error as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer, default=_as_text) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
