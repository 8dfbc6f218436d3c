"""Drafts as a person sees and decides them, over HTTP or from the command line."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.replies.draft_desk import DraftRow
from izer_bridge.replies.owner_verdict import Decided, OwnerDecision
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK
from izer_bridge.replies.store.verdicts import decide
from izer_bridge.store.database import Database
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import media, outbox, webhook_messages

_OUT, _ROWS = outbox.c, webhook_messages.c


class SqlDrafts:
    """`store` waits for a database that has its tables. All raise TransientError without it."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def open(self, limit: int | None = None, after: int = 0) -> Sequence[DraftRow]:
        """Those that wait for a person, oldest first; `limit` of them after the id `after`."""
        now = self._clock()
        query = (
            _drafts()
            .where(
                IS_AT_WORK,
                _OUT.state == str(OutboxState.DRAFT),
                _OUT.expires_at.is_(None) | (_OUT.expires_at > now),
                _OUT.id > after,
            )
            .limit(limit)
        )
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        return [_draft(row) for row in found]

    async def get(self, row_id: int) -> DraftRow:
        """In any state. Raises LookupError if there is none."""
        query = _drafts().where(_OUT.id == row_id)
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        row = found.one_or_none()
        if row is None:
            raise LookupError(f"there is no draft {row_id}")
        return _draft(row)

    async def decide(self, row_id: int, decision: OwnerDecision) -> Decided:
        """Raises LookupError if there is none, ValueError for a text that cannot be sent."""
        now = self._clock()
        return await (await self._store()).write(
            lambda connection: decide(connection, row_id, decision, now)
        )


@asynccontextmanager
async def drafts_at(url: str) -> AsyncIterator[SqlDrafts]:
    """Of the store at `url`, which has its tables. Raises ConfigError and TransientError."""
    async with OpenedStore(url) as opened:

        async def store() -> Database:
            return opened.database

        yield SqlDrafts(store, lambda: datetime.now(UTC))


def _drafts() -> Select[Any]:
    return (
        select(
            outbox,
            _ROWS.chat_name,
            _ROWS.sender_name,
            _ROWS.current_message,
            media.c.words,
        )
        .outerjoin(webhook_messages, _ROWS.id == _OUT.webhook_message_id)
        .outerjoin(media, media.c.webhook_message_id == _ROWS.id)
        .where(_OUT.kind == str(OutboxKind.REPLY))
        .order_by(_OUT.id)
    )


def _draft(row: Row[Any]) -> DraftRow:
    return DraftRow(
        id=row.id,
        chat_id=row.chat_id,
        state=OutboxState(row.state),
        chat_name=row.chat_name or row.sender_name or "",
        asked=" ".join(filter(None, (row.words, row.current_message))),
        text=row.proposed_text or "",
        corrected=row.edited_text,
        agent=row.agent or "",
        confidence=None if row.confidence is None else float(row.confidence),
        reason=row.reason or "",
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        error=row.error,
    )
