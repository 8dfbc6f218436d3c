"""Escalations as the operator sees them and closes them, also while the bridge runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select

from izer_bridge.domain.escalation import EscalationState, Level, NoticeState, Target, Why
from izer_bridge.escalation.store.transitions import IS_OPEN, end, end_answered, some_answered
from izer_bridge.replies.store.answered import is_unanswered
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import escalation_notices, escalations, webhook_messages

_ESCALATIONS, _NOTICES = escalations.c, escalation_notices.c


@dataclass(frozen=True, slots=True)
class ToldRow:
    """Who was notified, or should have been, and the result."""

    target: Target
    state: NoticeState
    error: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """One escalation; `next_at` is when the next level is due, if one is."""

    row_id: int
    chat_name: str
    why: Why
    state: EscalationState
    level: Level
    since: datetime
    next_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    told: tuple[ToldRow, ...]


@dataclass(frozen=True, slots=True)
class InDanger:
    """A chat that has reported danger and that no person has answered."""

    row_id: int
    chat_name: str
    since: datetime


class EscalationRegister(OpenedStore):
    """Of the store at `url`; used as a context manager. Raises TransientError, ConfigError."""

    async def list(self, *, ended_too: bool = False) -> Sequence[EscalationRow]:
        """The open ones, or all, oldest first; those answered meanwhile are ended."""
        now = datetime.now(UTC)
        query = (
            select(
                escalations,
                webhook_messages.c.chat_name,
                _NOTICES.target,
                _NOTICES.state.label("told"),
                _NOTICES.error,
                _NOTICES.updated_at.label("told_at"),
            )
            .join(webhook_messages, webhook_messages.c.id == _ESCALATIONS.webhook_message_id)
            .outerjoin(escalation_notices, _NOTICES.escalation_id == _ESCALATIONS.id)
            .order_by(_ESCALATIONS.id, _NOTICES.id)
        )
        if not ended_too:
            query = query.where(IS_OPEN)

        def read(connection: Connection) -> Sequence[Row[Any]]:
            return connection.execute(query).all()

        # Who only looks waits for no other writer.
        if await self._database.read(some_answered):
            await self._database.write(lambda connection: end_answered(connection, now))
        found = await self._database.read(read)
        return [_row(list(rows)) for _, rows in groupby(found, key=lambda row: row.id)]

    async def close(self, row_ids: Sequence[int]) -> Sequence[int]:
        """Notify nobody else about these; returns those that were open."""
        now = datetime.now(UTC)

        def change(connection: Connection) -> list[int]:
            return [
                row_id
                for row_id in row_ids
                if end(connection, row_id, EscalationState.CLOSED, "operator", now)
            ]

        return await self._database.write(change)


def count_open(connection: Connection) -> dict[str, int]:
    """How many are open, and how many of them are at each level."""
    found = connection.execute(
        select(_ESCALATIONS.level, func.count()).where(IS_OPEN).group_by(_ESCALATIONS.level)
    )
    counted = {Level(level): count for level, count in found}
    levels = {level.name.lower(): counted.get(level, 0) for level in Level}
    return {"open": sum(counted.values()), **levels}


def in_danger(connection: Connection) -> Sequence[InDanger]:
    """Chats in danger, the longest waiting first."""
    found = connection.execute(
        select(_ESCALATIONS.id, webhook_messages.c.chat_name, _ESCALATIONS.since)
        .join(webhook_messages, webhook_messages.c.id == _ESCALATIONS.webhook_message_id)
        .where(
            IS_OPEN,
            _ESCALATIONS.why == str(Why.DANGER),
            is_unanswered(_ESCALATIONS.webhook_message_id),
        )
        .order_by(_ESCALATIONS.since, _ESCALATIONS.id)
    )
    return [InDanger(row.id, row.chat_name, row.since) for row in found]


def _row(rows: Sequence[Row[Any]]) -> EscalationRow:
    first = rows[0]
    return EscalationRow(
        row_id=first.id,
        chat_name=first.chat_name,
        why=Why(first.why),
        state=EscalationState(first.state),
        level=Level(first.level),
        since=first.since,
        next_at=first.next_at,
        ended_at=first.ended_at,
        ended_by=first.ended_by,
        told=tuple(
            ToldRow(Target(row.target), NoticeState(row.told), row.error or "", row.told_at)
            for row in rows
            if row.target is not None
        ),
    )
