"""Takes the client's events to the inbox, on its threads, one message at risk at a time."""

import ctypes
import logging
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import structlog
from neonize.proto import Neonize_pb2 as proto

from izer_bridge.edges.whatsapp import golog
from izer_bridge.edges.whatsapp.events import EventCode
from izer_bridge.edges.whatsapp.gate import Gate
from izer_bridge.edges.whatsapp.ratchets import RatchetReader, Ratchets, put_back
from izer_bridge.edges.whatsapp.stanza import Stanza
from izer_bridge.model.errors import TransientError

log = structlog.get_logger(__name__)

_INBOX_RETRY_SECONDS = 0.25
# The gate depends on the wording of this version's log.
_KNOWN_CLIENT = "0.5.2"


class Inbox(Protocol):
    """What the receiver needs of the inbox; every method raises TransientError."""

    def append(self, code: int, payload: bytes, *, safe: str | None = None) -> int: ...

    def note_risk(self, message_id: str, undo: bytes) -> None: ...

    def at_risk(self) -> Sequence[tuple[str, bytes]]: ...

    def forget_risks(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Care:
    """What is done against a crash between decryption and disk; see `docs/reliability.md`.

    `receipts`: WhatsApp is told of a message when it is on the disk. `undo`: at the next start the
    client can decrypt once more what was lost. `gate`: only one message at a time is between.
    """

    gate: bool
    receipts: bool
    undo: bool


class Receiver:
    """Makes events durable before the client goes on, with as much `care` as is asked for."""

    def __init__(self, inbox: Inbox, session_file: Path, care: Care) -> None:
        self._inbox = inbox
        self._session_file = session_file
        self._undoes = care.undo
        self._gate = None
        if (care.gate or care.receipts or care.undo) and _is_known_client():
            self._gate = Gate(self._save, holds_receipts=care.receipts, one_at_a_time=care.gate)
        self._reader: RatchetReader | None = None
        self._stopping = threading.Event()
        self._has_warned = False

    @property
    def log_level(self) -> int:
        """The client logs what the gate follows at the level DEBUG."""
        return logging.WARNING if self._gate is None else logging.DEBUG

    def undo_what_was_at_risk(self) -> None:
        """Before the client starts: let it decrypt again what the last process lost.

        Raises TransientError when the inbox cannot be read.
        """
        risks = self._inbox.at_risk()
        try:
            # The oldest last: what it brings back is the state before all of them.
            for _, undo in reversed(risks):
                put_back(self._session_file, Ratchets.load(undo))
        except sqlite3.Error as error:
            log.error("messages_at_risk_not_undone", count=len(risks), error=str(error))
            return
        self._inbox.forget_risks()
        for message_id, _ in risks:
            log.info("message_at_risk_undone", message_id=message_id)

    def receive(self, code: int, payload: bytes) -> None:
        """Return when the event is on the disk."""
        if self._gate is None or code != EventCode.MESSAGE:
            self._append(code, payload, None)
            return
        self._warn_if_blind(self._gate)
        message_id = proto.Message.FromString(payload).Info.ID
        safe = message_id if self._gate.is_last_part(message_id) else None
        self._append(code, payload, safe)
        self._gate.durable(message_id)

    def failed(self, payload: bytes) -> None:
        """The client could not decrypt a message: nothing of it is at risk."""
        if self._gate is not None:
            self._gate.finished(proto.UndecryptableMessage.FromString(payload).Info.ID)

    def on_log(self, address: int, size: int) -> None:
        """Called by Go with each of its log lines, and waited for."""
        if not address or size <= 0:
            return
        raw = ctypes.string_at(address, size)
        if self._gate is not None:
            self._gate.on_log(raw, lambda: str(proto.LogEntry.FromString(raw).Message))
        golog.forward(raw)

    def stop(self) -> None:
        """Hold nobody any more; an event that the disk refuses now is given up."""
        self._stopping.set()
        if self._gate is not None:
            self._gate.stop()
        self._end_reader()

    def _warn_if_blind(self, gate: Gate) -> None:
        """Once: the client's log does not read as it should, and the gate cannot protect."""
        if gate.unmatched and not self._has_warned:
            self._has_warned = True
            log.error("gate_blind", hint="more than one message may be lost in a crash")

    def _save(self, stanza: Stanza) -> None:
        """Note how the decryption that follows can be undone."""
        undo = self._ratchets(stanza) if self._undoes else None
        if undo is None:
            return
        try:
            self._inbox.note_risk(stanza.id, undo)
        except TransientError as error:
            log.warning("risk_not_noted", message_id=stanza.id, error=str(error))

    def _ratchets(self, stanza: Stanza) -> bytes | None:
        try:
            if self._reader is None:
                self._reader = RatchetReader(self._session_file)
            return self._reader.of(stanza)
        except TransientError as error:
            log.warning("risk_not_noted", message_id=stanza.id, error=str(error))
            self._end_reader()
            return None

    def _end_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _append(self, code: int, payload: bytes, safe: str | None) -> None:
        """Hold Go back until the event is durable: a full disk costs time, not a message."""
        while True:
            try:
                self._inbox.append(code, payload, safe=safe)
            except TransientError as error:
                log.error("inbox_refused_event", error=str(error))
                if self._stopping.wait(_INBOX_RETRY_SECONDS):
                    return
            else:
                return


def _is_known_client() -> bool:
    installed = version("neonize")
    if installed != _KNOWN_CLIENT:
        log.error(
            "gate_off",
            installed=installed,
            known=_KNOWN_CLIENT,
            hint="more than one message may be lost in a crash; install the known version",
        )
    return installed == _KNOWN_CLIENT
