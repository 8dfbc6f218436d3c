"""Where a person sees and decides conversations, over HTTP, on the board, or in a terminal."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationDecision,
    ConversationPage,
    ConversationStatus,
    ListedConversation,
    ListKey,
    StatusCounts,
)
from izer_bridge.conversations.decide import (
    Decision,
    decided,
    refuse_a_wrong_moment,
    who_was_first,
)
from izer_bridge.conversations.ports import Ruling
from izer_bridge.conversations.store import lists, upkeep
from izer_bridge.conversations.store.follow import count_again
from izer_bridge.conversations.store.rows import clocks, keep
from izer_bridge.escalation.store import transitions
from izer_bridge.replies.store import takeover
from izer_bridge.replies.takeover_plan import PauseReason
from izer_bridge.store.database import Database
from izer_bridge.store.opened import OpenedStore

_D = ConversationDecision
MOST_CHANGED = 200


class SqlConversations:
    """`ports.ConversationDesk` in SQL. `store` waits for a database that has its tables."""

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        rules: ClockRules,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules

    async def page(
        self,
        statuses: Collection[ConversationStatus] = UNANSWERED,
        after: ListKey | None = None,
        limit: int = 50,
    ) -> ConversationPage:
        now = self._clock()
        return await (await self._store()).read(
            lambda connection: lists.page(connection, statuses, after, limit, now)
        )

    async def counts(self) -> StatusCounts:
        now = self._clock()
        return await (await self._store()).read(lambda connection: lists.counts(connection, now))

    async def get(self, chat_id: int) -> ListedConversation:
        now = self._clock()
        return await (await self._store()).read(lambda connection: _one(connection, chat_id, now))

    async def some(self, chat_ids: Collection[int]) -> Sequence[ListedConversation]:
        now = self._clock()
        return await (await self._store()).read(
            lambda connection: lists.some(connection, chat_ids, now)
        )

    async def changed_since(self, moment: datetime) -> Sequence[tuple[int, datetime]]:
        """Chats that have changed since then, each with the moment; bounded."""
        now = self._clock()
        return await (await self._store()).read(
            lambda connection: lists.changed_since(connection, moment, now, MOST_CHANGED)
        )

    async def begin_missing(self, since: datetime, most: int) -> int:
        """Count conversations of chats that have none; how many of at most `most`."""
        now = self._clock()
        return await (await self._store()).write(
            lambda connection: upkeep.begin_missing(connection, since, most, self._rules, now)
        )

    async def close_silent(self, before: datetime, most: int) -> int:
        """Close those in which nothing was said since then; how many of at most `most`."""
        now = self._clock()
        return await (await self._store()).write(
            lambda connection: upkeep.close_silent(connection, before, most, now)
        )

    async def done(self, chat_id: int, by: str, seen: str | None = None) -> Ruling:
        return await self._decide(chat_id, Decision(_D.DONE, by, seen=seen))

    async def reopen(self, chat_id: int, by: str, seen: str | None = None) -> Ruling:
        return await self._decide(chat_id, Decision(_D.REOPENED, by, seen=seen))

    async def snooze(
        self, chat_id: int, until: datetime, by: str, seen: str | None = None
    ) -> Ruling:
        return await self._decide(chat_id, Decision(_D.SNOOZED, by, until, seen))

    async def wake(self, chat_id: int, by: str, seen: str | None = None) -> Ruling:
        return await self._decide(chat_id, Decision(_D.WOKEN, by, seen=seen))

    async def pause(self, chat_id: int, until: datetime | None, by: str) -> Ruling:
        now = self._clock()
        if until is not None:
            refuse_a_wrong_moment(until, now)

        def change(connection: Connection) -> Ruling:
            known = _one(connection, chat_id, now)
            if known.is_paused and known.paused_by and known.paused_until == until:
                return Ruling(False, known)
            takeover.cancel_open(connection, chat_id, "the chat is paused", now)
            takeover.pause(connection, chat_id, until, PauseReason.OPERATOR, now, by)
            return Ruling(True, _one(connection, chat_id, now))

        return await (await self._store()).write(change)

    async def resume(self, chat_id: int, by: str) -> Ruling:
        now = self._clock()

        def change(connection: Connection) -> Ruling:
            _one(connection, chat_id, now)
            ended = takeover.resume(connection, [chat_id], now)
            return Ruling(bool(ended), _one(connection, chat_id, now))

        return await (await self._store()).write(change)

    async def _decide(self, chat_id: int, decision: Decision) -> Ruling:
        now = self._clock()

        def change(connection: Connection) -> Ruling:
            clock = clocks(connection, [chat_id]).get(chat_id)
            if clock is None:
                raise LookupError(f"there is no conversation {chat_id}")
            new = decided(clock, decision, now)
            if new is clock:
                return Ruling(False, _one(connection, chat_id, now), who_was_first(clock, decision))
            keep(connection, {chat_id: new}, now)
            if decision.what is _D.DONE:
                takeover.drop_drafts(connection, chat_id, f"{decision.by} is done with it", now)
                transitions.close_in_chat(connection, chat_id, decision.by, now)
            elif decision.what is _D.REOPENED:
                count_again(connection, [chat_id], self._rules, now)
            return Ruling(True, _one(connection, chat_id, now))

        return await (await self._store()).write(change)


@asynccontextmanager
async def conversations_at(url: str, rules: ClockRules) -> AsyncIterator[SqlConversations]:
    """Of the store at `url`, which has its tables. Raises ConfigError and TransientError."""
    async with OpenedStore(url) as opened:

        async def store() -> Database:
            return opened.database

        yield SqlConversations(store, lambda: datetime.now(UTC), rules)


def _one(connection: Connection, chat_id: int, now: datetime) -> ListedConversation:
    found = lists.some(connection, [chat_id], now)
    if not found:
        raise LookupError(f"there is no conversation {chat_id}")
    return found[0]
