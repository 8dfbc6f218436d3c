"""Copies ratchets out of the client's session file into a journal, as a separate process.

A process must not open a SQLite file with two copies of SQLite: the client has one built in, and
POSIX locks do not tell them apart (https://sqlite.org/howtocorrupt.html, section 2.2). So this runs
beside the bridge, with nothing but the standard library. Each datagram on its socket is JSON with
`note` (a message's id, chat and sender) and `copy` (the name for the copy); only the session says
by which other address a sender is known. The answer is `LASTING` or `MADE` once the copy is in the
journal, else the error. The journal is not synced: it must survive a kill, not a power cut.
"""

import base64
import fcntl
import json
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

SESSION = "SELECT our_jid, their_id, session FROM whatsmeow_sessions WHERE their_id = ?"
SENDER_KEY = """
SELECT our_jid, chat_id, sender_id, sender_key FROM whatsmeow_sender_keys
WHERE chat_id = ? AND sender_id = ?
"""
ONE_TIME_KEYS = "SELECT jid, key_id, key, uploaded FROM whatsmeow_pre_keys"
LID_OF = "SELECT lid || '@lid' FROM whatsmeow_lid_map WHERE pn = ?"
NUMBER_OF = "SELECT pn || '@s.whatsapp.net' FROM whatsmeow_lid_map WHERE lid = ?"
LID_AGENT = "_1"
MOST_BYTES = 65_536
# A lasting copy contains all that later messages of this sender in this chat need.
LASTING, MADE = b"lasting", b"made"


def ratchets(connection: sqlite3.Connection, chat: str, sender: str) -> dict[str, Any]:
    """The rows that decrypting a message of this sender in this chat may change."""

    def rows(query: str, *values: str) -> list[list[Any]]:
        return [list(row) for row in connection.execute(query, values)]

    name, _, server = sender.partition("@")
    user, _, device = name.partition(":")
    others = rows(NUMBER_OF if server == "lid" else LID_OF, user)
    known = {sender, *(_with_device(other, device) for (other,) in others)}
    names = sorted(map(signal_address, known))
    sessions = [row for name in names for row in rows(SESSION, name)]
    return {
        "chat": chat,
        "addresses": names,
        "sessions": sessions,
        "sender_keys": [row for name in names for row in rows(SENDER_KEY, chat, name)],
        # Only a message that opens a session uses up a one-time key.
        "one_time_keys": [] if sessions else rows(ONE_TIME_KEYS),
    }


def _is_lasting(saved: dict[str, Any]) -> bool:
    """A first message brings a session, or a group's key, that later ones will not bring."""
    is_group = saved["chat"].endswith("@g.us")
    return bool(saved["sessions"]) and (bool(saved["sender_keys"]) or not is_group)


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


# json.dumps with a default creates an encoder for each call.
_AS_JSON = json.JSONEncoder(default=_as_text).encode


def record(entry: dict[str, Any]) -> bytes:
    """One line; the line break comes first, so that a torn record spoils no other."""
    return b"\n" + _AS_JSON(entry).encode()


def open_journal(path: Path) -> int:
    return os.open(
        path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600
    )


def main(descriptor: int, session_file: Path, journal_file: Path) -> None:
    # Ctrl+C and a stopping service manager signal the whole group; the bridge still needs this.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    bridge = socket.socket(fileno=descriptor)
    journal = open_journal(journal_file)
    # Held until this process ends: whoever undoes waits for what it still writes.
    fcntl.flock(journal, fcntl.LOCK_EX)
    connection = sqlite3.connect(f"{session_file.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
    while datagram := bridge.recv(MOST_BYTES):
        request = json.loads(datagram)
        try:
            _, chat, sender = request["note"]
            saved = ratchets(connection, chat, sender)
            os.write(journal, record({**request, "ratchets": saved}))
        except (sqlite3.Error, OSError) as error:
            answer = str(error).encode()
        else:
            answer = LASTING if _is_lasting(saved) else MADE
        try:
            bridge.send(answer)
        except BrokenPipeError:
            # The bridge has ended, or has waited for too long.
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
