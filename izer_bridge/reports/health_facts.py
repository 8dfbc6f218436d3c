"""How the bridge's parts stand now, each asked at once so that a hanging store costs a second."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from izer_bridge import __version__
from izer_bridge.agents.limits import GuardedAgent
from izer_bridge.domain.errors import TransientError
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.ports import Health, Sending
from izer_bridge.reports.store.answering import SendingState
from izer_bridge.reports.store.live import LiveCounts
from izer_bridge.whatsapp.client.link import Link

T = TypeVar("T")
_LONGEST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Condition:
    """As `GET /health` shows it. `started_at` is monotonic, in seconds."""

    link: Link
    inbox: SqliteInbox
    ledger: SqlLedger
    counts: LiveCounts
    agents: Mapping[str, GuardedAgent]
    started_at: float

    async def health(self) -> Health:
        is_store_ok, open_gaps, sending, set_aside = await asyncio.gather(
            self.ledger.is_reachable(),
            _in_time(self.ledger.open_gaps()),
            _in_time(self.counts.answering()),
            _in_time(asyncio.to_thread(self.inbox.set_aside_by_kind)),
        )
        last_event_at = self.link.last_event_at
        now = time.monotonic()
        return Health(
            link_state=str(self.link.status.state),
            link_sentence=self.link.status.sentence,
            is_linked=self.link.status.is_linked,
            is_store_ok=is_store_ok and not self.ledger.damage,
            store_damage=self.ledger.damage,
            is_inbox_ok=self.inbox.is_writable,
            inbox_depth=self.inbox.depth(),
            set_aside=set_aside,
            last_event_age_seconds=None if last_event_at is None else now - last_event_at,
            version=__version__,
            uptime_seconds=now - self.started_at,
            open_gaps=open_gaps,
            in_danger=None if sending is None else sending.in_danger,
            agents={name: agent.condition for name, agent in self.agents.items()},
            sending=None if sending is None else _sending(sending),
        )


def _sending(sending: SendingState) -> Sending:
    return Sending(sending.stopped_until, sending.paused_chats, sending.uncertain)


async def _in_time(asked: Awaitable[T]) -> T | None:
    """None while the store is away, or too slow."""
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await asked
    except (TransientError, TimeoutError):
        return None
