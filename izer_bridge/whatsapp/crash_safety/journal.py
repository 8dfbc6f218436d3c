"""Keeps the records of messages at risk; it never fails the client, it warns the operator."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from izer_bridge.domain.errors import TransientError
from izer_bridge.whatsapp.crash_safety.ratchet_snapshots import AtRisk, RatchetKeeper, undo
from izer_bridge.whatsapp.library.log_lines import Stanza

log = structlog.get_logger(__name__)


class RiskJournal:
    """Messages between their decryption and the disk, each with how to undo the decryption.

    Call `note` from one thread at a time, the others from any.
    """

    def __init__(self, session_file: Path) -> None:
        self._session_file = session_file
        self._journal_file = session_file.with_name("risks.jsonl")
        self._keeper: RatchetKeeper | None = None
        self._is_stopped = False

    def undo(self, tell: Callable[[Sequence[AtRisk]], None]) -> None:
        """Before the client starts: let it decrypt again what the last process lost.

        `tell` is called with these messages first, including those that cannot be undone.
        """
        try:
            undone = undo(self._session_file, self._journal_file, tell)
        except (sqlite3.Error, TransientError) as error:
            log.error("messages_at_risk_not_undone", error=str(error))
            return
        for one in undone:
            log.info("message_at_risk_undone", message_id=one.message_id)

    def note(self, stanza: Stanza) -> bool:
        """Return once the decryption that follows can be undone, or False if it cannot."""
        with self._keeping(stanza) as keeper:
            keeper.note(stanza)
            return True
        return False

    def sent(self) -> None:
        """The client is about to send a message; return when it may go."""
        if self._keeper is not None:
            self._keeper.sent()

    def forget(self, stanzas: Sequence[Stanza]) -> None:
        """These messages can no longer be lost."""
        if self._keeper is None:
            return
        try:
            self._keeper.done(stanzas)
        except TransientError as error:
            # At worst their senders' ratchets are put back without need.
            log.warning("risks_not_forgotten", count=len(stanzas), error=str(error))

    def stop(self) -> None:
        """Call when the client has stopped."""
        self._is_stopped = True
        self._end_keeper()

    @contextmanager
    def _keeping(self, stanza: Stanza) -> Iterator[RatchetKeeper]:
        try:
            if self._keeper is None:
                if self._is_stopped:
                    raise TransientError("the bridge is stopping")
                self._keeper = RatchetKeeper(self._session_file, self._journal_file)
            yield self._keeper
        except TransientError as error:
            log.warning("risk_not_noted", message_id=stanza.id, error=str(error))
            self._end_keeper()

    def _end_keeper(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None
