"""The ledger in SQL: records messages, leases them as work, and moves them along their states.

Every write is a compare-and-set on state and lease, so it may be repeated, and races are harmless.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, text, update

from izer_bridge.agents.store import PackedAnswers, keep_attempts
from izer_bridge.analysis.store import spent
from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.domain.event import NOBODY, EventType, Subscriptions
from izer_bridge.domain.fault import fault_of
from izer_bridge.domain.gap import Gap
from izer_bridge.domain.identity import NUMBER_SERVER, Jid
from izer_bridge.domain.message import HistoryEntry, Kind, Message, Origin
from izer_bridge.domain.message_state import State, may_move
from izer_bridge.domain.outgoing import ReachedReply, Receipt
from izer_bridge.domain.work import AnalysisRecord, Attempt, MessageProgress, Work, Worked
from izer_bridge.escalation.store.escalations import SqlEscalations
from izer_bridge.events import payloads
from izer_bridge.events.store.deliveries import SqlDeliveries
from izer_bridge.events.store.emit import emit, telling
from izer_bridge.media.decide import MediaState
from izer_bridge.media.ports import KeptFile
from izer_bridge.media.store import SqlMedia
from izer_bridge.pipeline.ports import Recorded, Screened, WebhookMessage
from izer_bridge.pipeline.store import chat_context, gaps, work_rows
from izer_bridge.pipeline.store.finish import finish
from izer_bridge.pipeline.store.keep_analyses import keep_analyses
from izer_bridge.pipeline.store.leases import (
    NO_LEASE,
    behind_others,
    claimable,
    give_back,
    give_back_works,
    take,
)
from izer_bridge.pipeline.store.reanalyse import SqlSecondOpinions
from izer_bridge.pipeline.store.record import Screening, record
from izer_bridge.pipeline.store.webhooks import record_webhook
from izer_bridge.replies.store import receipts
from izer_bridge.replies.store.drafts import SqlDrafts
from izer_bridge.replies.store.outbox import SqlOutbox
from izer_bridge.replies.store.propose import answered, latest_answer, said_in, warn
from izer_bridge.store import changed_chats, changed_hours
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate, require
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import clean

_ROWS = webhook_messages.c
_NOBODY = Jid("0", NUMBER_SERVER)
_ORDINARY = Message(
    account="rehearsal",
    message_id="rehearsal",
    chat=_NOBODY,
    sender=_NOBODY,
    sent_at=datetime.min.replace(tzinfo=UTC),
    kind=Kind.TEXT,
    text="Merhaba",
    origin=Origin.LIVE,
)
# Built once: each message needs it several times.
_MOVE = update(webhook_messages).where(
    _ROWS.id == bindparam("row"),
    _ROWS.lease_token == bindparam("lease"),
    _ROWS.state == bindparam("was"),
)
_REACHABLE_SECONDS = 1.0
_OPENING_SECONDS = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


class SqlLedger:
    """The store at `url`. `owner` names this installation in leases, the same after a restart.

    A lease lasts `lease_seconds`, which must be longer than one message takes to be worked.
    `subscriptions` says who is told about what is written.
    """

    def __init__(
        self,
        url: str,
        screening: Screening,
        owner: str,
        *,
        lease_seconds: float = 120.0,
        subscriptions: Subscriptions = NOBODY,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._database = Database(url, carried=telling(subscriptions))
        self._screening = screening
        self._owner = owner
        self._lease = timedelta(seconds=lease_seconds)
        self.clock = clock
        self._answers = PackedAnswers()
        self._opened = asyncio.Event()
        self._database.start()

    async def open(self) -> None:
        """Create or upgrade the tables, and give back what this owner held when it ended.

        Raises ConfigError if the store refuses for good, TransientError while it is away.
        """
        await migrate(self._database)
        await self.release()
        self._opened.set()

    async def join(self) -> None:
        """Use tables that another process maintains.

        Raises ConfigError if that is a newer program, TransientError until the tables exist.
        """
        await require(self._database)
        self._opened.set()

    async def release(self) -> None:
        """Free what this owner holds for the next claim."""
        await self._database.write(lambda connection: give_back(connection, self._owner))

    async def close(self) -> None:
        await self._database.close()

    async def is_reachable(self) -> bool:
        """Whether the store answers within a second, and has taken the latest write."""
        try:
            async with asyncio.timeout(_REACHABLE_SECONDS):
                await self._database.read(lambda connection: connection.execute(text("SELECT 1")))
        except (TransientError, TimeoutError):
            return False
        return self._database.takes_writes

    @property
    def damage(self) -> str:
        """What to do about a damaged file; empty if no damage was met."""
        return self._database.damage

    async def store(self) -> Database:
        """The store once its tables exist. Raises TransientError if that takes too long."""
        if not self._opened.is_set():
            try:
                await asyncio.wait_for(self._opened.wait(), _OPENING_SECONDS)
            except TimeoutError:
                raise TransientError("the store has not been opened yet") from None
        return self._database

    async def record(self, messages: Sequence[Message]) -> Screened:
        now = self.clock()
        return await (await self.store()).write(
            lambda connection: record(connection, messages, self._screening, now)
        )

    async def rehearse(self) -> None:
        now = self.clock()
        ordinary = replace(_ORDINARY, sent_at=now)
        try:
            await (await self.store()).undone(
                lambda connection: record(connection, [ordinary], self._screening, now)
            )
        except (TransientError, ConfigError):
            raise
        except Exception as error:
            kind = fault_of(error).kind
            raise TransientError(f"the store takes no message at all: {kind}") from error

    async def notice(self, found: Sequence[Gap]) -> Sequence[Gap]:
        """Open a gap for each of these not in the store; returns them. Raises TransientError."""
        now = self.clock()
        return await (await self.store()).write(
            lambda connection: gaps.notice(connection, found, now)
        )

    async def open_gaps(self) -> int:
        """How many messages are missing now. Raises TransientError."""
        return await (await self.store()).read(gaps.count_open)

    async def record_webhook(
        self, webhook: WebhookMessage, file: KeptFile | MediaState | None = None
    ) -> Recorded:
        now = self.clock()
        return await (await self.store()).write(
            lambda connection: record_webhook(connection, webhook, file, self._screening, now)
        )

    def media(self) -> SqlMedia:
        """The media rows of the same store."""
        return SqlMedia(self.store, self.clock)

    def second_opinions(self) -> SqlSecondOpinions:
        """OpenAI's later analyses, in the same store."""
        return SqlSecondOpinions(self.store, self.clock)

    def escalations(self) -> SqlEscalations:
        """Customers who wait for a person, in the same store."""
        return SqlEscalations(self.store, self.clock, self._owner)

    def deliveries(self) -> SqlDeliveries:
        """Event deliveries, in the same store."""
        return SqlDeliveries(self.store, self.clock)

    async def outcome(self, row_id: int) -> MessageProgress:
        return await (await self.store()).read(
            lambda connection: work_rows.outcome(connection, row_id)
        )

    async def context(self, row_id: int, limit: int) -> tuple[HistoryEntry, ...]:
        return tuple(
            await (await self.store()).read(
                lambda connection: chat_context.context(connection, row_id, limit)
            )
        )

    async def spent_since(self, moment: datetime) -> int:
        """What analyses have cost since then, in micro-dollars. Raises TransientError."""
        return await (await self.store()).read(lambda connection: spent.since(connection, moment))

    async def claim(
        self, chats: int, in_hand: Collection[int] = (), *, run: int = 1, context: int = 0
    ) -> Sequence[Work]:
        now, lease = self.clock(), secrets.token_hex(16)

        def change(connection: Connection) -> Sequence[Work]:
            runs = claimable(connection, now, chats, in_hand, run)
            if not runs:
                return ()
            found = [row_id for of_chat in runs for row_id in of_chat]
            take(connection, found, lease, self._owner, now, now + self._lease)
            works, senseless = work_rows.leased_work(connection, lease, found, context)
            for row_id, kind in senseless.items():
                self._bury_senseless(connection, row_id, kind)
            late = behind_others(runs, {*(one.row_id for one in works), *senseless})
            give_back_works(connection, [one for one in works if one.row_id in late])
            return [one for one in works if one.row_id not in late]

        return await (await self.store()).write(change)

    async def give_back(self, works: Sequence[Work]) -> None:
        await (await self.store()).write(lambda connection: give_back_works(connection, works))

    async def finish(self, worked: Sequence[Worked]) -> None:
        now = self.clock()
        await (await self.store()).write(
            lambda connection: finish(connection, worked, self._screening, self._answers, now)
        )

    def _bury_senseless(self, connection: Connection, row_id: int, kind: str) -> None:
        changed_hours.mark_rows(connection, _ROWS.id == row_id, self.clock())
        dead = {"state": str(State.DEAD), "last_error": f"the row makes no sense: {kind}"}
        connection.execute(
            update(webhook_messages)
            .where(_ROWS.id == row_id)
            .values(**dead, **NO_LEASE, updated_at=self.clock())
        )

    async def analysed(self, work: Work, record: AnalysisRecord) -> None:
        now = self.clock()

        def change(connection: Connection) -> None:
            self._set(connection, work, State.ANALYSED, context_count=len(work.history))
            keep_analyses(connection, [(work, record)], self._screening.clock, now)

        await (await self.store()).write(change)

    async def attempted(self, work: Work, attempt: Attempt, then: State | None) -> None:
        now, number = self.clock(), work.attempts + 1

        def change(connection: Connection) -> None:
            self._set(connection, work, then or work.state, attempts=number)
            keep_attempts(connection, self._answers, [(work, attempt)], now)

        await (await self.store()).write(change)

    async def postpone(self, work: Work, until: datetime, error: str) -> None:
        now, values = self.clock(), {"next_attempt_at": until, "last_error": clean(error)}

        def change(connection: Connection) -> None:
            self._set(connection, work, work.state, **values, **NO_LEASE)
            warn(connection, work, self._screening.replies, now)

        await (await self.store()).write(change)

    async def bury(self, work: Work, error: str) -> None:
        now = self.clock()

        def change(connection: Connection) -> None:
            self._set(connection, work, State.DEAD, last_error=clean(error), **NO_LEASE)
            death = payloads.of_death(work, error)
            emit(connection, EventType.MESSAGE_DEAD, death, at=now)
            warn(connection, work, self._screening.replies, now)

        await (await self.store()).write(change)

    async def settle(self, work: Work, attempt: Attempt | None = None) -> None:
        now = self.clock()

        def change(connection: Connection) -> None:
            self._set(connection, work, State.SETTLED, last_error=None, **NO_LEASE)
            said = latest_answer(connection, work) if attempt is None else said_in(attempt)
            answered(connection, work, said, self._screening.replies, now)
            changed_chats.mark(connection, [work.chat_id], now)

        await (await self.store()).write(change)

    async def receive(self, found: Sequence[Receipt]) -> Sequence[ReachedReply]:
        """Record receipts for the bridge's own messages; these, and how far each has come."""
        now = self.clock()
        return await (await self.store()).write(
            lambda connection: receipts.receive(connection, found, self._enter, now)
        )

    def drafts(self) -> SqlDrafts:
        """Drafts that wait for a person's verdict, in the same store."""
        return SqlDrafts(self.store, self.clock)

    def outbox(self) -> SqlOutbox:
        """What the bridge sends, in the same store."""
        return SqlOutbox(self.store, self.clock, self._screening.replies, self._owner, self._enter)

    def _enter(self, connection: Connection, said: Message, now: datetime) -> None:
        """Record in its chat what the bridge itself has sent."""
        record(connection, [said], self._screening, now)

    def _set(self, connection: Connection, work: Work, new: State, **values: Any) -> None:
        """Compare and set. Raises TransientError if this work no longer holds the lease."""
        if new is not work.state and not may_move(work.state, new):
            raise ValueError(f"row {work.row_id} may not move from {work.state} to {new}")
        held = {"row": work.row_id, "lease": work.lease, "was": str(work.state)}
        moved = {"state": str(new), "updated_at": self.clock(), **values}
        changed = connection.execute(_MOVE, held | moved)
        if changed.rowcount != 1:
            raise TransientError(f"the lease of row {work.row_id} was lost")
        changed_hours.mark(connection, [work.recorded_at], moved["updated_at"])
