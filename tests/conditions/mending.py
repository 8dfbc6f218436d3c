"""A desk of link and health over a real store and inbox, with one of each thing to mend."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from izer_bridge.conditions.desk import HealthDesk
from izer_bridge.conditions.store.mending import SqlMending
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.kept_backup import KeptBackup
from izer_bridge.domain.link_state import LinkState
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.inbox.set_aside import SetAside
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.web.access import digest
from izer_bridge.web.caller import Caller, Role
from izer_bridge.whatsapp.link_file import LinkNote
from tests.store.messages import ACCOUNT, LID, NOON, message
from tests.web.fakes import FakeHealth

# As a stranger may call himself.
HOSTILE = "<img src=x onerror=alert(1)>" + "İ" * 200
CODE = "https://wa.me/settings/linked_devices#" + "2@" + "Ab1/" * 59 + ",6"
STAFF_SECRET = "izer_staff_0123456789"
_STAFF_DIGEST = digest(STAFF_SECRET)
_LINKED = LinkNote(str(LinkState.CONNECTED), "Linked.", NOON)


@dataclass(frozen=True)
class StaffAlone:
    """Credentials that know one person of the staff, by `STAFF_SECRET`."""

    def is_known(self, digest: str) -> bool:
        return digest == _STAFF_DIGEST

    async def of_token(self, digest: str) -> Caller | None:
        return Caller("Zeynep", Role.STAFF, 7) if self.is_known(digest) else None

    async def of_session(self, digest: str, bridge: str) -> Caller | None:
        return None


@dataclass
class Mended:
    """The parts behind a desk, which a test moves by hand."""

    ledger: SqlLedger
    inbox: SqliteInbox
    folder: Path
    health: FakeHealth = field(default_factory=FakeHealth)
    note: LinkNote = _LINKED
    backup: KeptBackup | None = None
    disk_error: TransientError | None = None
    renewed: int = 0
    worked: int = 0

    @property
    def desk(self) -> HealthDesk:
        return HealthDesk(
            self.health,
            SqlMending(self.ledger.store, self.ledger.clock),
            SetAside(self.folder / "inbox.db"),
            lambda: self.note,
            self._renew,
            self._backup,
            self._work,
            lambda: datetime.now(UTC),
        )

    def _backup(self) -> KeptBackup | None:
        if self.disk_error is not None:
            raise self.disk_error
        return self.backup

    def _renew(self) -> None:
        self.renewed += 1

    def _work(self) -> None:
        self.worked += 1

    def show_code(self, state: LinkState = LinkState.SCAN_QR_CODE, code: str = CODE) -> None:
        until = datetime.now(UTC) + timedelta(seconds=60)
        self.note = replace(self.note, state=str(state), code=code, code_until=until)

    async def fill(self) -> None:
        """A missing message, a dead one, and an event that was set aside."""
        await self.ledger.notice([Gap(ACCOUNT, "3EB0000009", GapReason.AT_RISK, NOON, LID, LID)])
        await self.ledger.record([message(1, "gizli söz", chat_name=HOSTILE)])
        [work] = await self.ledger.claim(1)
        await self.ledger.bury(work, "the agent refused it (400)")
        self.inbox.append([(17, b"gizli")])
        [entry] = self.inbox.pending(1)
        self.inbox.set_aside(entry, "DataError 1264", "the store does not take it")
