"""What the page of link and health shows, and what a person may do there."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from izer_bridge.conditions.health_facts import in_time
from izer_bridge.conditions.ports import Health, HealthSource
from izer_bridge.conditions.store.mending import SqlMending
from izer_bridge.domain.kept_backup import KeptBackup
from izer_bridge.inbox.set_aside import AsideEvent, SetAside
from izer_bridge.pipeline.store.dead_letters import DeadLetter
from izer_bridge.pipeline.store.gaps import GapRow
from izer_bridge.whatsapp.link_file import LinkNote

# The page shows so many of each; the commands show all.
MOST = 50


@dataclass(frozen=True, slots=True)
class Overview:
    """`gaps` and `letters` are None while the store is away, `events` while the disk is slow."""

    health: Health
    note: LinkNote
    gaps: Sequence[GapRow] | None
    letters: Sequence[DeadLetter] | None
    events: Sequence[AsideEvent] | None
    backup: KeptBackup | None


@dataclass(frozen=True, slots=True)
class HealthDesk:
    """`renew` asks the link for fresh codes, `worked` hints that messages are to be worked again.

    `backup` looks for the newest one where the nightly backup puts them.
    """

    health: HealthSource
    mending: SqlMending
    aside: SetAside
    note: Callable[[], LinkNote]
    renew: Callable[[], None]
    backup: Callable[[], KeptBackup | None]
    worked: Callable[[], None]
    clock: Callable[[], datetime]

    def link(self) -> LinkNote:
        """The link's state now, without a code that no longer counts."""
        note = self.note()
        is_over = note.code_until is None or note.code_until <= self.clock()
        return replace(note, code=None, code_until=None) if is_over else note

    async def kept(self) -> KeptBackup | None:
        """The newest backup; None also if the disk does not answer."""
        return await in_time(asyncio.to_thread(self.backup))

    async def events(self) -> Sequence[AsideEvent]:
        """Those that were set aside, oldest first. Raises TransientError."""
        return await asyncio.to_thread(self.aside.list)

    async def look(self) -> Overview:
        health, gaps, letters, events, backup = await asyncio.gather(
            self.health.health(),
            in_time(self.mending.gaps(MOST + 1)),
            in_time(self.mending.lately_dead(MOST + 1)),
            in_time(self.events()),
            self.kept(),
        )
        return Overview(health, self.link(), gaps, letters, events, backup)

    async def close_gap(self, row_id: int) -> None:
        """Raises LookupError if none is open under this id, TransientError without a store."""
        if not await self.mending.close_gap(row_id):
            raise LookupError(f"no open gap has the id {row_id}")

    async def retry(self, row_id: int) -> None:
        """Work a dead letter again. Raises LookupError, TransientError."""
        if not await self.mending.retry([row_id]):
            raise LookupError(f"no dead letter has the id {row_id}")
        self.worked()

    async def retry_event(self, sequence: int) -> None:
        """Have an event that was set aside recorded again. Raises LookupError, TransientError."""
        if not await asyncio.to_thread(self.aside.retry, [sequence]):
            raise LookupError(f"no event that was set aside has the id e{sequence}")

    async def retry_all(self) -> int:
        """All dead letters; how many there were. Raises TransientError."""
        count = await self.mending.retry(None)
        self.worked()
        return count

    async def retry_all_events(self) -> int:
        """All events that were set aside; how many there were. Raises TransientError."""
        events = await self.events()
        return await asyncio.to_thread(self.aside.retry, [one.sequence for one in events])
