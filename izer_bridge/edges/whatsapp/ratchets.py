"""Saves a sender's ratchets before the client moves them, and puts them back after a crash.

A message that was decrypted and then lost is delivered again, but the client would drop it as "old
counter". With the ratchets as they were before, it decrypts once more.
"""

import base64
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from izer_bridge.edges.whatsapp.stanza import Stanza
from izer_bridge.model.identity import LID_SERVER, Jid

_LID_AGENT = "_1"
_SESSION = "SELECT our_jid, their_id, session FROM whatsmeow_sessions WHERE their_id = ?"
_SENDER_KEY = """
SELECT our_jid, chat_id, sender_id, sender_key FROM whatsmeow_sender_keys
WHERE chat_id = ? AND sender_id = ?
"""
_ONE_TIME_KEYS = "SELECT jid, key_id, key, uploaded FROM whatsmeow_pre_keys"
_OTHER_ADDRESS = """
SELECT lid || '@lid' FROM whatsmeow_lid_map WHERE pn = ?1
UNION SELECT pn || '@s.whatsapp.net' FROM whatsmeow_lid_map WHERE lid = ?1
"""

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Ratchets:
    """The rows of one sender (and group) in the client's session file."""

    chat: str
    addresses: list[str]
    sessions: list[Row]
    sender_keys: list[Row]
    one_time_keys: list[Row]

    def dump(self) -> bytes:
        return json.dumps(asdict(self), default=_as_text).encode()

    @classmethod
    def load(cls, dumped: bytes) -> "Ratchets":
        return cls(**json.loads(dumped, object_hook=_bytes_again))


def _as_text(raw: bytes) -> dict[str, str]:
    return {"b": base64.b64encode(raw).decode()}


def _bytes_again(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["b"]) if found.keys() == {"b"} else found


class RatchetReader:
    """Reads the session file beside the client; used by one thread at a time."""

    def __init__(self, session_file: Path) -> None:
        self._connection = sqlite3.connect(
            f"file:{session_file}?mode=ro", uri=True, check_same_thread=False
        )

    def of(self, stanza: Stanza) -> Ratchets:
        """What decrypting `stanza` may change. Raises sqlite3.Error."""
        addresses = sorted(map(_signal_address, self._known_by(stanza)))
        sessions = [row for one in addresses for row in self._rows(_SESSION, one)]
        return Ratchets(
            chat=stanza.chat,
            addresses=addresses,
            sessions=sessions,
            sender_keys=[
                row for one in addresses for row in self._rows(_SENDER_KEY, stanza.chat, one)
            ],
            # Only what opens a session uses up a one-time key.
            one_time_keys=[] if sessions else self._rows(_ONE_TIME_KEYS),
        )

    def close(self) -> None:
        self._connection.close()

    def _known_by(self, stanza: Stanza) -> set[str]:
        known = {stanza.sender, *stanza.also}
        for address in tuple(known):
            user, _, device = address.partition("@")[0].partition(":")
            for (other,) in self._rows(_OTHER_ADDRESS, user):
                known.add(_with_device(other, device))
        return known

    def _rows(self, query: str, *values: str) -> list[Row]:
        return [list(row) for row in self._connection.execute(query, values)]


def put_back(session_file: Path, ratchets: Ratchets) -> None:
    """Make the session file's rows for this sender what they were. Raises sqlite3.Error."""
    with closing(sqlite3.connect(session_file, timeout=5)) as connection, connection:
        connection.executemany(
            "DELETE FROM whatsmeow_sessions WHERE their_id = ?",
            [[one] for one in ratchets.addresses],
        )
        connection.executemany(
            "DELETE FROM whatsmeow_sender_keys WHERE chat_id = ? AND sender_id = ?",
            [[ratchets.chat, one] for one in ratchets.addresses],
        )
        connection.executemany("INSERT INTO whatsmeow_sessions VALUES (?, ?, ?)", ratchets.sessions)
        connection.executemany(
            "INSERT INTO whatsmeow_sender_keys VALUES (?, ?, ?, ?)", ratchets.sender_keys
        )
        connection.executemany(
            "INSERT OR IGNORE INTO whatsmeow_pre_keys VALUES (?, ?, ?, ?)", ratchets.one_time_keys
        )


def _with_device(address: str, device: str) -> str:
    user, _, server = address.partition("@")
    return f"{user}:{device}@{server}" if device else address


def _signal_address(address: str) -> str:
    """`user[_1]:device`, as libsignal names a JID; a LID has the agent 1."""
    jid = Jid.parse(address)
    device = address.partition("@")[0].partition(":")[2] or "0"
    agent = _LID_AGENT if jid.server == LID_SERVER else ""
    return f"{jid.user}{agent}:{device}"
