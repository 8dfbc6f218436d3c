"""The state of the bridge's parts, queried in parallel so that a hung store costs a second."""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from izer_bridge.agents.limits import GuardedAgent
from izer_bridge.analysis.watched import RemoteWatch
from izer_bridge.conditions.disk_space import disk_space
from izer_bridge.conditions.facts import (
    ConditionFacts,
    DayFacts,
    HostFacts,
    InboxFacts,
    LinkFacts,
    RemoteFacts,
    StoreFacts,
)
from izer_bridge.conditions.store.live import LiveCounts
from izer_bridge.domain.errors import TransientError
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.web.server import PortState
from izer_bridge.whatsapp.client.link import Link
from izer_bridge.whatsapp.receive.server_signs import ServerSigns

T = TypeVar("T")
_LONGEST_SECONDS = 1.0
# The day's figures are sums of hours, which cost more than the rest and change slowly.
_DAY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WatchedParts:
    """The queried parts. `places` are where the bridge stores anything on this machine's disks."""

    link: Link
    signs: ServerSigns
    inbox: SqliteInbox
    ledger: SqlLedger
    counts: LiveCounts
    agents: Mapping[str, GuardedAgent]
    remote: RemoteWatch | None
    places: Sequence[Path]
    port: PortState


class LiveFacts:
    """Queries all `parts`; one that does not answer within a second counts as unknown."""

    def __init__(self, parts: WatchedParts) -> None:
        self.parts = parts
        self._started_at = time.monotonic()
        self._day: DayFacts | None = None
        self._day_until = 0.0

    async def now(self) -> ConditionFacts:
        parts = self.parts
        is_store_ok, waiting, day, set_aside, disks = await asyncio.gather(
            parts.ledger.is_reachable(),
            in_time(parts.counts.waiting()),
            self._of_day(),
            in_time(asyncio.to_thread(parts.inbox.set_aside_by_kind)),
            in_time(asyncio.to_thread(disk_space, parts.places)),
        )
        damage = parts.ledger.damage
        remote = parts.remote
        return ConditionFacts(
            link=self._of_link(),
            host=HostFacts(disks or (), parts.signs.clock_ahead_seconds, parts.port.taken),
            inbox=InboxFacts(parts.inbox.is_writable, set_aside),
            store=StoreFacts(is_store_ok and not damage, damage),
            waiting=waiting,
            day=day,
            agents={name: agent.condition for name, agent in parts.agents.items()},
            remote=RemoteFacts(None if remote is None else remote.fault),
        )

    async def _of_day(self) -> DayFacts | None:
        now = time.monotonic()
        if self._day is None or now >= self._day_until:
            self._day = await in_time(self.parts.counts.day())
            self._day_until = now + _DAY_SECONDS
        return self._day

    def _of_link(self) -> LinkFacts:
        link = self.parts.link
        return LinkFacts(
            link.status,
            link.was_linked,
            link.turned_away,
            self._silent_seconds(),
            link.unlinked,
        )

    def _silent_seconds(self) -> float | None:
        """None if nothing needs to arrive, or if the client's log cannot be followed."""
        link, heard_at = self.parts.link, self.parts.signs.heard_at
        if link.account is None or (heard_at is None and link.status.is_linked):
            return None
        return time.monotonic() - max(heard_at or self._started_at, self._started_at)


async def in_time(asked: Awaitable[T]) -> T | None:
    """None while the store is away, or too slow."""
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await asked
    except (TransientError, TimeoutError):
        return None
