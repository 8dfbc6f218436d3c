"""Saves a sender's ratchets before the client moves them, and puts them back after a crash.

A message that was decrypted and then lost is delivered again, but the client would drop it as "old
counter". With the previous ratchets it can be decrypted once more. The journal records how each
message's decryption is undone, and later that the message can no longer be lost.
"""

import base64
import fcntl
import json
import os
import secrets
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from izer_bridge.domain.errors import TransientError
from izer_bridge.whatsapp.crash_safety import snapshot_process
from izer_bridge.whatsapp.crash_safety.snapshot_process import (
    LASTING,
    MADE,
    MOST_BYTES,
    open_journal,
    record,
)
from izer_bridge.whatsapp.library.log_lines import Stanza

# The first answer comes once the process has started, and one that waits for the session file for
# its second still comes in time.
_ANSWER_SECONDS = 3
_PREDECESSOR_TRIES, _PREDECESSOR_PAUSE_SECONDS = 40, 0.05
_EMPTIED_FROM_BYTES = 4 * 1024 * 1024

# For a message that is being sent; a disk that refuses must not stop all answers.
_LONGEST_HOLD_SECONDS = 2.0
# How long a copy is valid: short, so that little is undone without need; long enough for bursts.
_COPY_SECONDS = 1.0

Row = list[Any]


class AtRisk(NamedTuple):
    """A message that was decrypted, or was about to be, when the process ended."""

    message_id: str
    chat: str
    sender: str

    @classmethod
    def by(cls, stanza: Stanza) -> "AtRisk":
        return cls(stanza.id, stanza.chat, stanza.sender)


@dataclass(frozen=True, slots=True)
class Ratchets:
    """The rows of one sender (and group) in the client's session file, before a decryption."""

    chat: str
    addresses: list[str]
    sessions: list[Row]
    sender_keys: list[Row]
    one_time_keys: list[Row]


@dataclass(frozen=True, slots=True)
class _Copy:
    """`name` identifies it in the journal; it was made at `made_at` (monotonic seconds)."""

    name: str
    made_at: float


class RatchetKeeper:
    """The process that copies ratchets. It ends when this one does, however that ends.

    Call `note` from one thread at a time, the others from any. `note` and `done` raise
    TransientError if the process or the disk refuses; this object cannot be used any longer then.
    """

    def __init__(
        self,
        session_file: Path,
        journal_file: Path,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._journal = os.fdopen(open_journal(journal_file), "ab", buffering=0)
        self._lock = threading.Lock()
        self._is_safer = threading.Condition(self._lock)
        self._noted: set[AtRisk] = set()
        self._copies: dict[tuple[str, str], _Copy] = {}
        self._sendings = 0
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Set in the kernel: Python's own timeout waits twice, and releases the GIL twice.
        patience = struct.pack("ll", _ANSWER_SECONDS, 0)
        for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, direction, patience)
        with other:
            self._process = subprocess.Popen(  # noqa: S603 (our own script)
                [
                    *(sys.executable, "-I", str(snapshot_process.__file__)),
                    *(str(other.fileno()), str(session_file), str(journal_file)),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    def note(self, stanza: Stanza) -> None:
        """Return once the journal says how decrypting `stanza` is undone.

        A recent copy for the same sender is enough: a ratchet can step forward over messages.
        """
        known_as, now = (stanza.chat, stanza.sender), self._seconds()
        one = AtRisk.by(stanza)
        with self._lock, _refusals():
            self._noted.add(one)
            sendings = self._sendings
            copy = self._copies.get(known_as)
            if copy is not None and now - copy.made_at < _COPY_SECONDS:
                self._journal.write(record({"note": one, "copy": copy.name}))
                return
        copy = _Copy(secrets.token_hex(8), now)
        if self._has_copied(one, copy.name):
            with self._lock:
                if sendings == self._sendings:
                    self._copies[known_as] = copy

    def _has_copied(self, one: AtRisk, name: str) -> bool:
        """Whether the copy that was made also covers the messages that follow."""
        with _refusals():
            self._socket.send(json.dumps({"note": one, "copy": name}).encode())
            answer = self._socket.recv(MOST_BYTES)
        if answer not in (LASTING, MADE):
            raise TransientError(f"the keeper of ratchets failed: {answer.decode() or 'it ended'}")
        return answer == LASTING

    def done(self, stanzas: Sequence[Stanza]) -> None:
        """The messages are on disk, and their decryption must not be undone."""
        safe = [AtRisk.by(one) for one in stanzas]
        with self._lock, _refusals():
            self._noted.difference_update(safe)
            self._is_safer.notify_all()
            is_long = os.fstat(self._journal.fileno()).st_size > _EMPTIED_FROM_BYTES
            if is_long and not self._noted:
                self._copies.clear()
                self._journal.truncate(0)
            else:
                self._journal.write(b"".join(record({"done": one}) for one in safe))

    def sent(self) -> None:
        """Ratchets have moved for sending, which must not be undone: no copy is valid any longer.

        Return, and let the message go, once messages at risk are on disk, or after a while: an undo
        after a crash would put back the ratchets with which this message was sent. The next message
        would be taken for this one, and its reader would never see it.
        """
        with self._lock:
            self._sendings += 1
            self._copies.clear()
            before = set(self._noted)
            self._is_safer.wait_for(lambda: before.isdisjoint(self._noted), _LONGEST_HOLD_SECONDS)

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        try:
            self._process.wait(_ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._journal.close()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: its journal is closed
        raise TransientError(f"the keeper of ratchets is gone: {error}") from error


def undo(
    session_file: Path, journal_file: Path, tell: Callable[[Sequence[AtRisk]], None]
) -> Sequence[AtRisk]:
    """Restore the session file to before the messages at risk; these, oldest first.

    `tell` is called with them before anything changes. Raises sqlite3.Error or TransientError. Only
    while the client is not running in this process.
    """
    if not journal_file.exists():
        return ()
    with _refusals():
        journal = open_journal(journal_file)
        try:
            _wait_for_predecessor(journal)
            at_risk, copies = _still_noted(os.pread(journal, os.fstat(journal).st_size, 0))
            tell(at_risk)
            # The oldest last: it restores the state before all of them.
            _put_back(session_file, list(reversed(copies)))
            os.ftruncate(journal, 0)
        finally:
            os.close(journal)
    return at_risk


def _wait_for_predecessor(journal: int) -> None:
    """The process of a bridge that was killed may still be writing."""
    for _ in range(_PREDECESSOR_TRIES):
        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PREDECESSOR_PAUSE_SECONDS)
        else:
            return
    raise TransientError("the keeper of ratchets of the bridge before this one does not end")


def _still_noted(journal: bytes) -> tuple[list[AtRisk], list[Ratchets]]:
    """Entries noted and not done, and the copies that undo them, oldest first.

    A torn record was never answered: nothing came of it.
    """
    undone_by: dict[AtRisk, str] = {}
    at_risk: dict[AtRisk, None] = {}
    copies: dict[str, Ratchets] = {}
    for line in journal.splitlines():
        try:
            entry = json.loads(line or b"{}", object_hook=_bytes_again)
        except ValueError:
            continue
        if "done" in entry:
            at_risk.pop(AtRisk(*entry["done"]), None)
        elif "note" in entry:
            one = AtRisk(*entry["note"])
            at_risk.setdefault(one)
            undone_by.setdefault(one, entry["copy"])
            if "ratchets" in entry:
                copies.setdefault(entry["copy"], Ratchets(**entry["ratchets"]))
    needed = {undone_by[one] for one in at_risk}
    return list(at_risk), [copy for name, copy in copies.items() if name in needed]


def _bytes_again(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["b"]) if found.keys() == {"b"} else found


def _put_back(session_file: Path, saved: Sequence[Ratchets]) -> None:
    with closing(sqlite3.connect(session_file, timeout=5)) as connection, connection:
        for one in saved:
            connection.executemany(
                "DELETE FROM whatsmeow_sessions WHERE their_id = ?",
                [[address] for address in one.addresses],
            )
            connection.executemany(
                "DELETE FROM whatsmeow_sender_keys WHERE chat_id = ? AND sender_id = ?",
                [[one.chat, address] for address in one.addresses],
            )
            connection.executemany("INSERT INTO whatsmeow_sessions VALUES (?, ?, ?)", one.sessions)
            connection.executemany(
                "INSERT INTO whatsmeow_sender_keys VALUES (?, ?, ?, ?)", one.sender_keys
            )
            connection.executemany(
                "INSERT OR IGNORE INTO whatsmeow_pre_keys VALUES (?, ?, ?, ?)", one.one_time_keys
            )
