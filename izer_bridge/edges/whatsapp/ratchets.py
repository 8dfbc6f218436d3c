"""Saves a sender's ratchets before the client moves them, and puts them back after a crash.

A message that was decrypted and then lost is delivered again, but the client would drop it as "old
counter". With the ratchets as they were before, it decrypts once more.
"""

import base64
import json
import select
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from izer_bridge.edges.whatsapp.stanza import Stanza
from izer_bridge.model.errors import TransientError

_READER = Path(__file__).with_name("ratchet_reader.py")
_ANSWER_SECONDS = 1.0

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Ratchets:
    """The rows of one sender (and group) in the client's session file."""

    chat: str
    addresses: list[str]
    sessions: list[Row]
    sender_keys: list[Row]
    one_time_keys: list[Row]

    @classmethod
    def load(cls, dumped: bytes) -> "Ratchets":
        """From what `RatchetReader.of` gave."""
        return cls(**json.loads(dumped, object_hook=_bytes_again))


def _bytes_again(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["b"]) if found.keys() == {"b"} else found


class RatchetReader:
    """Asks the reading process; used by one thread at a time. It ends when this process does."""

    def __init__(self, session_file: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own script)
            [sys.executable, "-I", str(_READER), str(session_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def of(self, stanza: Stanza) -> bytes:
        """What decrypting `stanza` may change, to be loaded by `Ratchets.load`.

        Raises TransientError when the process does not answer; it cannot be used any more then.
        """
        request = {"chat": stanza.chat, "addresses": sorted({stanza.sender, *stanza.also})}
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise TransientError("the session's reader was not started with pipes")
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
            ready, _, _ = select.select([stdout], [], [], _ANSWER_SECONDS)
            answer = stdout.readline() if ready else b""
        except OSError as error:
            raise TransientError(f"the session's reader is gone: {error}") from error
        if not answer or answer.startswith(b'{"error"'):
            raise TransientError("the session's reader does not answer")
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def put_back(session_file: Path, ratchets: Ratchets) -> None:
    """Make the session file's rows for this sender what they were. Raises sqlite3.Error.

    Only while the client is not running in this process.
    """
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
