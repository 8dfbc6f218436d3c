"""The messages that WhatsApp had for us and that are not in the store: noticed, shown, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model.event import EventType
from izer_bridge.model.gap import Gap, closes_gaps
from izer_bridge.model.message import Kind, Message
from izer_bridge.store import event_data, fitting
from izer_bridge.store.events import emit_all
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import gaps, webhook_messages

_GAPS = gaps.c
_ROWS = webhook_messages.c


class ClosedBy(StrEnum):
    ARRIVAL = "arrival"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class GapRow:
    """One gap as the operator sees it. `closed_at` is None while the message is missing."""

    row_id: int
    message_id: str
    chat: str
    sender: str
    reason: str
    detail: str
    noticed_at: datetime
    closed_at: datetime | None


async def notice(connection: AsyncConnection, found: Sequence[Gap], now: datetime) -> Sequence[Gap]:
    """Open a gap for each message that is not in the store and has none; these are returned."""
    found = [fitting.gap(gap) for gap in found]
    ids = {gap.message_id for gap in found}
    known = await connection.execute(
        select(_ROWS.account, _ROWS.message_id).where(
            _ROWS.message_id.in_(ids),
            ~(_ROWS.chat_jid.like("%@g.us") & (_ROWS.kind == str(Kind.PROTOCOL))),
            _ROWS.kind != str(Kind.PHONE_ONLY),
        )
    )
    noticed = await connection.execute(
        select(_GAPS.account, _GAPS.message_id).where(_GAPS.message_id.in_(ids))
    )
    settled = {tuple(row) for row in [*known, *noticed]}
    new = {(gap.account, gap.message_id): gap for gap in reversed(found)}
    opened = [gap for key, gap in new.items() if key not in settled]
    if opened:
        await connection.execute(insert(gaps), [_row(gap) for gap in opened])
        told = map(event_data.of_gap, opened)
        await emit_all(connection, EventType.GAP_DETECTED, told, at=now)
    return opened


async def close_those_of(
    connection: AsyncConnection, messages: Sequence[Message], now: datetime
) -> None:
    """Close the gaps of messages that are being recorded."""
    ids = {message.message_id for message in messages if closes_gaps(message)}
    if not ids:
        return
    accounts = {message.account for message in messages}
    await connection.execute(
        update(gaps)
        .where(_GAPS.message_id.in_(ids), _GAPS.account.in_(accounts), _GAPS.closed_at.is_(None))
        .values(closed_at=now, closed_by=str(ClosedBy.ARRIVAL))
    )


async def count_open(connection: AsyncConnection) -> int:
    count = await connection.scalar(
        select(func.count()).select_from(gaps).where(_GAPS.closed_at.is_(None))
    )
    return count or 0


class Gaps(OpenedStore):
    """Of the store at `url`; used as a context manager. Raises TransientError, ConfigError."""

    async def list(self, *, closed_too: bool = False) -> Sequence[GapRow]:
        """The open ones, or all, oldest first."""
        query = select(
            _GAPS.id,
            _GAPS.message_id,
            _GAPS.chat_jid,
            _GAPS.sender_jid,
            _GAPS.reason,
            _GAPS.detail,
            _GAPS.noticed_at,
            _GAPS.closed_at,
        ).order_by(_GAPS.id)
        if not closed_too:
            query = query.where(_GAPS.closed_at.is_(None))
        found = await self._database.read(lambda connection: connection.execute(query))
        return [GapRow(*row[:5], row[5] or "", *row[6:]) for row in found]

    async def close(self, row_ids: Sequence[int]) -> int:
        """Take these as dealt with; how many were open."""
        closed = await self._database.write(
            lambda connection: connection.execute(
                update(gaps)
                .where(_GAPS.id.in_(row_ids), _GAPS.closed_at.is_(None))
                .values(closed_at=datetime.now(UTC), closed_by=str(ClosedBy.OPERATOR))
            )
        )
        return int(closed.rowcount)


def _row(gap: Gap) -> dict[str, object]:
    return {
        "account": gap.account,
        "message_id": gap.message_id,
        "chat_jid": str(gap.chat or ""),
        "sender_jid": str(gap.sender or ""),
        "reason": str(gap.reason),
        "detail": gap.detail or None,
        "noticed_at": gap.noticed_at,
    }
