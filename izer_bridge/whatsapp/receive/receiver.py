"""Takes the client's events to the inbox, on the client's threads, so that a crash loses none."""

import ctypes
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import structlog
from neonize.proto import Neonize_pb2 as proto

from izer_bridge.domain.fault import fault_of
from izer_bridge.domain.gap import GapReason
from izer_bridge.whatsapp.crash_safety.event_parts import part_of
from izer_bridge.whatsapp.crash_safety.gap_events import GapEvent
from izer_bridge.whatsapp.crash_safety.journal import RiskJournal
from izer_bridge.whatsapp.crash_safety.ratchet_snapshots import AtRisk
from izer_bridge.whatsapp.crash_safety.receipt_gate import Gate, Part
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.library import log_lines
from izer_bridge.whatsapp.library.log import ClientLog
from izer_bridge.whatsapp.library.log_lines import Stanza
from izer_bridge.whatsapp.library.thread_state import keep_thread_state
from izer_bridge.whatsapp.library.utf8 import text_of
from izer_bridge.whatsapp.receive import offline_count
from izer_bridge.whatsapp.receive.inbox_writer import Event, EventSink, InboxWriter, write_down
from izer_bridge.whatsapp.receive.offline_count import OfflineCount
from izer_bridge.whatsapp.receive.server_signs import ServerSigns
from izer_bridge.whatsapp.receive.stall_clock import Ingest

log = structlog.get_logger(__name__)

# The gate depends on this version's log wording.
_KNOWN_CLIENT = "0.5.2"


class Receiver:
    """Makes events durable; see `docs/reliability.md`.

    If the client's log format is known, WhatsApp gets a receipt only once a message is on disk, and
    at the next start the client can decrypt again what a crash has lost. Events protected in both
    ways are written while the client goes on; any other event is on disk before the client
    continues. `signs` are what WhatsApp's server shows of itself
    meanwhile.
    """

    def __init__(self, inbox: EventSink, session_file: Path) -> None:
        self._inbox = Ingest(inbox)
        self._writer: InboxWriter | None = None
        self._journal = RiskJournal(session_file)
        self._gate = None
        if _is_known_client():
            self._gate = Gate(self._journal, self._on_ignored)
        self._client_log = ClientLog()
        self.signs = ServerSigns()
        self._offline = OfflineCount()
        self._stopping = threading.Event()
        self._has_warned = False

    @property
    def log_level(self) -> int:
        """The client logs what the gate follows at the level DEBUG."""
        return logging.WARNING if self._gate is None else logging.DEBUG

    def start(self, arrived: Callable[[], None]) -> None:
        """Before the client starts: let it decrypt again what the last process lost.

        `arrived` is called, on any thread, after an event has reached the inbox.
        """
        self._arrived = arrived
        self._journal.undo(self._suspect)
        if self._gate is not None:
            self._writer = InboxWriter(self._inbox, self._written)

    def receive(self, code: int, payload: bytes) -> None:
        """Return when a crash can no longer lose the event."""
        if self._gate is None or self._writer is None:
            self._inbox.entered()
            write_down(self._inbox, [(code, payload)], self._stopping)
            self._inbox.left(1)
            self._arrived()
            return
        event = Event(code, payload, self._passed(self._gate, code, payload))
        self._write(self._writer, event)
        if event.part is None or not self._gate.is_undoable(event.part):
            event.written.wait()

    def _passed(self, gate: Gate, code: int, payload: bytes) -> Part | None:
        """The part of a message for which its receipt is held; None if nothing is held for it.

        An unreadable event is written all the same, and the client waits for that.
        """
        try:
            if code == EventCode.UNDECRYPTABLE:
                # Nothing was decrypted, so nothing is at risk.
                gate.finished(part_of(proto.UndecryptableMessage.FromString(payload).Info))
            elif code == EventCode.MESSAGE:
                self._warn_if_blind(gate)
                message = proto.Message.FromString(payload)
                part = part_of(message.Info, message.Message)
                gate.writing(part)
                return part
        except Exception as error:  # noqa: BLE001 - the border to Go: an event is lost by none
            fault = fault_of(error)
            log.error("event_passed_the_gate", code=code, kind=fault.kind, place=fault.place)
        return None

    def _on_ignored(self, ignored: Stanza) -> None:
        if self._writer is not None:
            already = GapEvent(
                ignored.id, GapReason.ALREADY_DECRYPTED, ignored.chat, ignored.sender
            )
            self._write(self._writer, Event(EventCode.GAP, already.dump(), None))

    def _write(self, writer: InboxWriter, event: Event) -> None:
        self._inbox.entered()
        writer.put(event)

    def _suspect(self, at_risk: Sequence[AtRisk]) -> None:
        """They are missing until WhatsApp has delivered them again."""
        events = [
            (
                int(EventCode.GAP),
                GapEvent(one.message_id, GapReason.AT_RISK, one.chat, one.sender).dump(),
            )
            for one in at_risk
        ]
        if events:
            write_down(self._inbox, events, self._stopping)

    def _count(self, raw: bytes) -> None:
        """Check whether everything arrived that WhatsApp queued while the bridge was away."""
        if raw.endswith(log_lines.SENT):
            return
        if log_lines.begins(raw, log_lines.MESSAGE):
            self._offline.message()
        elif not log_lines.begins(raw, offline_count.FROM_SERVER):
            return
        elif offline_count.PREVIEW in raw:
            self._offline.announced(_words(raw))
        elif (
            offline_count.END in raw
            and (wrong := self._offline.ended())
            and self._writer is not None
        ):
            name = f"offline-{datetime.now(UTC):%Y%m%dT%H%M%S}"
            fewer = GapEvent(name, GapReason.FEWER_THAN_ANNOUNCED, detail=wrong)
            self._write(self._writer, Event(EventCode.GAP, fewer.dump(), None))

    def _written(self, events: Sequence[Event]) -> None:
        self._inbox.left(len(events))
        if self._gate is not None:
            self._gate.durable([one.part for one in events if one.part is not None])
        self._arrived()

    def still_seconds(self) -> float:
        """For how long no event has made progress although one waits for the disk."""
        return self._inbox.still_seconds()

    def on_log(self, address: int, size: int) -> None:
        """Called by Go with each of its log lines; Go waits for the return."""
        keep_thread_state()
        if not address or size <= 0:
            return
        raw = ctypes.string_at(address, size)
        try:
            if self._gate is not None:
                self.signs.line(raw)
                self._count(raw)
                self._gate.on_log(raw, lambda: _words(raw))
            self._client_log.forward(raw)
        except Exception as error:  # noqa: BLE001 - the border to Go, which takes no exception
            fault = fault_of(error)
            log.error("client_log_not_followed", kind=fault.kind, place=fault.place)

    def stop(self) -> None:
        """Hold nobody any longer; an event that the disk refuses now is given up."""
        self._stopping.set()
        if self._writer is not None:
            self._writer.stop()
        if self._gate is not None:
            self._gate.stop()
        self._journal.stop()

    def _warn_if_blind(self, gate: Gate) -> None:
        """Warn once if the log's wording has changed, so that the gate cannot protect."""
        if gate.unmatched and not self._has_warned:
            self._has_warned = True
            log.error("gate_blind", hint="more than one message may be lost in a crash")


def _words(raw: bytes) -> str:
    return text_of(proto.LogEntry.FromString(raw).Message)


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
