"""Messages that WhatsApp had for us and that are not in the store: noticed, shown, closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from izer_bridge.domain.event import EventType
from izer_bridge.domain.gap import Gap, closes_gaps
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message
from izer_bridge.events import payloads
from izer_bridge.events.store.emit import emit_all
from izer_bridge.people.store.names import names_of
from izer_bridge.people.store.writers import Writers
from izer_bridge.store import fitting
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
    chat_name: str = ""
    sender_name: str = ""


def notice(connection: Connection, found: Sequence[Gap], now: datetime) -> Sequence[Gap]:
    """Open a gap for each message that is not in the store and has none; returns these.

    Another writer's message under the same id, which its sender chooses, is not this message.
    """
    found = [fitting.gap(gap) for gap in found]
    settled = _settled(connection, {gap.message_id for gap in found})
    jids = [one.sender for one in found]
    writers = Writers.load(connection, [*jids, *(one.sender for one in settled)])
    opened: list[Gap] = []
    for gap in found:
        own = writers.of(gap.chat, gap.sender)
        twins = (
            writers.of(one.chat, one.sender)
            for one in (*settled, *map(_Settled.of, opened))
            if (one.account, one.message_id) == (gap.account, gap.message_id)
            and (not one.from_me or gap.sender is None)
        )
        if not any(own.may_be(twin) for twin in twins):
            opened.append(gap)
    if opened:
        connection.execute(insert(gaps), [_row(gap) for gap in opened])
        told = map(payloads.of_gap, opened)
        emit_all(connection, EventType.GAP_DETECTED, told, at=now)
    return opened


@dataclass(frozen=True, slots=True)
class _Settled:
    """A message that is in the store, or that already has its gap."""

    account: str
    message_id: str
    chat: Jid | None
    sender: Jid | None
    from_me: bool = False

    @classmethod
    def of(cls, gap: Gap) -> "_Settled":
        return cls(gap.account, gap.message_id, gap.chat, gap.sender)


def _settled(connection: Connection, ids: Collection[str]) -> Sequence[_Settled]:
    known = connection.execute(
        select(
            _ROWS.account, _ROWS.message_id, _ROWS.chat_jid, _ROWS.sender_jid, _ROWS.from_me
        ).where(
            _ROWS.message_id.in_(ids),
            ~(_ROWS.chat_jid.like("%@g.us") & (_ROWS.kind == str(Kind.PROTOCOL))),
            _ROWS.kind != str(Kind.PHONE_ONLY),
        )
    )
    noticed = connection.execute(
        select(_GAPS.account, _GAPS.message_id, _GAPS.chat_jid, _GAPS.sender_jid).where(
            _GAPS.message_id.in_(ids)
        )
    )
    return [
        _Settled(account, message_id, _jid(chat), _jid(sender), *from_me)
        for account, message_id, chat, sender, *from_me in [*known, *noticed]
    ]


def close_those_of(connection: Connection, messages: Sequence[Message], now: datetime) -> None:
    """Close the gaps of messages that are being recorded."""
    closing = [message for message in messages if closes_gaps(message)]
    ids = {message.message_id for message in closing}
    if not ids:
        return
    found = connection.execute(
        select(_GAPS.id, _GAPS.account, _GAPS.message_id, _GAPS.chat_jid, _GAPS.sender_jid).where(
            _GAPS.message_id.in_(ids), _GAPS.closed_at.is_(None)
        )
    )
    if not (waiting := found.all()):
        return
    jids = [_jid(one.sender_jid) for one in waiting]
    writers = Writers.load(connection, [*jids, *(one.sender for one in closing)])
    closed = [
        gap.id
        for gap in waiting
        for message in closing
        if (gap.account, gap.message_id) == (message.account, message.message_id)
        and _is_of(writers, _jid(gap.chat_jid), _jid(gap.sender_jid), message)
    ]
    connection.execute(
        update(gaps)
        .where(_GAPS.id.in_(closed))
        .values(closed_at=now, closed_by=str(ClosedBy.ARRIVAL))
    )


def _is_of(writers: Writers, chat: Jid | None, sender: Jid | None, message: Message) -> bool:
    missing = writers.of(chat, sender)
    came = writers.of(message.chat, message.sender, message.sender_alt)
    is_own = message.from_me and sender is not None
    return came.is_surely(missing) if is_own else came.may_be(missing)


def _jid(text: str) -> Jid | None:
    return Jid.parse(text) if text else None


def count_open(connection: Connection) -> int:
    count = connection.scalar(
        select(func.count()).select_from(gaps).where(_GAPS.closed_at.is_(None))
    )
    return count or 0


def listed(
    connection: Connection,
    *,
    closed_too: bool = False,
    most: int | None = None,
    after: int = 0,
) -> Sequence[GapRow]:
    """The open ones, or all, oldest first; no more than `most`, behind the row `after`."""
    query = (
        select(
            _GAPS.id,
            _GAPS.message_id,
            _GAPS.chat_jid,
            _GAPS.sender_jid,
            _GAPS.reason,
            _GAPS.detail,
            _GAPS.noticed_at,
            _GAPS.closed_at,
            _GAPS.account,
        )
        .where(_GAPS.id > after)
        .order_by(_GAPS.id)
        .limit(most)
    )
    if not closed_too:
        query = query.where(_GAPS.closed_at.is_(None))
    rows = connection.execute(query).all()
    addresses = (one for row in rows for one in row[2:4] if one)
    names = names_of(connection, {row.account for row in rows}, addresses)
    return [
        GapRow(*row[:5], row[5] or "", *row[6:8], names.get(row[2], ""), names.get(row[3], ""))
        for row in rows
    ]


def close(connection: Connection, row_ids: Sequence[int], now: datetime) -> int:
    """Mark these as dealt with; how many were open."""
    closed = connection.execute(
        update(gaps)
        .where(_GAPS.id.in_(row_ids), _GAPS.closed_at.is_(None))
        .values(closed_at=now, closed_by=str(ClosedBy.OPERATOR))
    )
    return int(closed.rowcount)


class Gaps(OpenedStore):
    """The gaps of the store at `url`; a context manager.

    Raises TransientError, ConfigError.
    """

    async def list(self, *, closed_too: bool = False) -> Sequence[GapRow]:
        """See `listed`."""
        return await self._database.read(
            lambda connection: listed(connection, closed_too=closed_too)
        )

    async def close(self, row_ids: Sequence[int]) -> int:
        """See `close`."""
        now = datetime.now(UTC)
        return await self._database.write(lambda connection: close(connection, row_ids, now))


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
