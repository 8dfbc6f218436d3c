"""The operator's view and control of replying: the outbox, paused chats, the breaker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select, update

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import folded, is_address, known_person
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.replies.store import takeover
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK
from izer_bridge.replies.takeover_plan import PauseReason
from izer_bridge.store import changed_chats
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import chat_pauses, chats, contacts, outbox, send_breakers

_OUT, _PAUSES, _CHATS, _CONTACTS = outbox.c, chat_pauses.c, chats.c, contacts.c
_BREAKERS = send_breakers.c
_S = OutboxState
# The result of a person's "drop".
_DROPPED = {_S.DRAFT: _S.REFUSED, _S.APPROVED: _S.CANCELLED, _S.UNCERTAIN: _S.CLOSED}


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One row as the operator sees it; its text is not shown."""

    row_id: int
    kind: str
    state: str
    chat: str
    chat_name: str
    agent: str | None
    confidence: float | None
    reason: str | None
    error: str | None
    created_at: datetime
    not_before: datetime
    expires_at: datetime | None
    sending_at: datetime | None
    server_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class PausedChat:
    """`until` is None for a pause that only a person ends."""

    chat_id: int
    chat: str
    name: str
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ChosenChat:
    chat_id: int
    address: str
    name: str


class PausesAdmin(OpenedStore):
    """Of the store at `url`; used as a context manager. Raises TransientError, ConfigError."""

    async def rows(self, *, all_states: bool, limit: int) -> Sequence[OutboxRow]:
        """Rows that wait, are on their way or are uncertain, or the latest of all; oldest first."""
        query = (
            select(outbox, _CHATS.name.label("chat_name"))
            .outerjoin(chats, _CHATS.id == _OUT.chat_id)
            .order_by(_OUT.id.desc())
            .limit(limit)
        )
        query = query if all_states else query.where(IS_AT_WORK)
        found = await self._database.read(lambda connection: connection.execute(query))
        return [_shown(row) for row in reversed(found.mappings().all())]

    async def drop(self, row_ids: Sequence[int], by: str) -> Sequence[int]:
        """Give these up; returns those whose state allowed it."""
        now = datetime.now(UTC)

        def change(connection: Connection) -> Sequence[int]:
            done: set[int] = set()
            for old, new in _DROPPED.items():
                where = and_(_OUT.id.in_(row_ids), _OUT.state == str(old))
                found = connection.scalars(select(_OUT.id).where(where)).all()
                connection.execute(
                    update(outbox)
                    .where(where)
                    .values(state=str(new), decided_by=by, decided_at=now, updated_at=now)
                )
                done.update(set(found) - done)
            changed_chats.mark_of_replies(connection, sorted(done), now)
            return [row_id for row_id in row_ids if row_id not in done]

        return await self._database.write(change)

    async def close_breakers(self, by: str) -> int:
        """See the function."""
        now = datetime.now(UTC)
        return await self._database.write(lambda connection: close_breakers(connection, by, now))

    async def find(self, who: str) -> Sequence[ChosenChat]:
        """The chats with this number, LID, JID, or exactly this name."""
        query = (
            select(_CHATS.id, _CHATS.jid, _CHATS.name, _CONTACTS.number, _CONTACTS.lid)
            .outerjoin(contacts, _CONTACTS.id == _CHATS.contact_id)
            .order_by(_CHATS.id)
        )
        condition = _speaks_of(who)
        if condition is not None:
            found = await self._database.read(
                lambda connection: connection.execute(query.where(condition))
            )
            return [_chat(row) for row in found.mappings()]
        found = await self._database.read(lambda connection: connection.execute(query))
        return [_chat(row) for row in found.mappings() if folded(row["name"]) == folded(who)]

    async def paused(self) -> Sequence[PausedChat]:
        now = datetime.now(UTC)
        query = (
            select(
                _PAUSES.chat_id,
                _PAUSES.reason,
                _PAUSES.paused_until,
                _CHATS.jid,
                _CHATS.name,
                _CONTACTS.number,
                _CONTACTS.lid,
            )
            .join(chats, _CHATS.id == _PAUSES.chat_id)
            .outerjoin(contacts, _CONTACTS.id == _CHATS.contact_id)
            .where(or_(_PAUSES.paused_until.is_(None), _PAUSES.paused_until > now))
            .order_by(_PAUSES.id)
        )
        found = await self._database.read(lambda connection: connection.execute(query))
        return [
            PausedChat(row.chat_id, _address(row._mapping), row.name, row.reason, row.paused_until)
            for row in found
        ]

    async def pause(self, chat_id: int, until: datetime | None) -> None:
        """Pause a chat, and withdraw what waits to be sent there."""
        now = datetime.now(UTC)

        def change(connection: Connection) -> None:
            takeover.cancel_open(connection, chat_id, "the chat is paused", now)
            takeover.pause(connection, chat_id, until, PauseReason.OPERATOR, now)

        await self._database.write(change)

    async def resume(self, chat_ids: Sequence[int]) -> int:
        """How many of them were paused."""
        now = datetime.now(UTC)
        return await self._database.write(
            lambda connection: takeover.resume(connection, chat_ids, now)
        )


def close_breakers(connection: Connection, by: str, now: datetime) -> int:
    """Let every account send again; how many were stopped."""
    closed = connection.execute(
        update(send_breakers)
        .where(_BREAKERS.closed_at.is_(None), _BREAKERS.open_until > now)
        .values(closed_at=now, closed_by=by)
    )
    return int(closed.rowcount)


def _speaks_of(who: str) -> ColumnElement[bool] | None:
    """The condition for a number, a LID or a JID; None for a text that can only be a name."""
    person = known_person(who)
    if person is not None and person.endswith("@lid"):
        return _CONTACTS.lid == person.removesuffix("@lid")
    if person is not None:
        return _CONTACTS.number == person
    return _CHATS.jid == str(Jid.parse(who)) if is_address(who) else None


def _address(found: RowMapping) -> str:
    lid = found["lid"] and f"{found['lid']}@lid"
    return str(found["jid"] or found["number"] or lid or "")


def _chat(found: RowMapping) -> ChosenChat:
    return ChosenChat(found["id"], _address(found), found["name"])


def _shown(found: RowMapping) -> OutboxRow:
    confidence = found[_OUT.confidence]
    return OutboxRow(
        row_id=found[_OUT.id],
        kind=found[_OUT.kind],
        state=found[_OUT.state],
        chat=found[_OUT.chat_jid],
        chat_name=found["chat_name"] or "",
        agent=found[_OUT.agent],
        confidence=None if confidence is None else float(confidence),
        reason=found[_OUT.reason],
        error=found[_OUT.error],
        created_at=found[_OUT.created_at],
        not_before=found[_OUT.not_before],
        expires_at=found[_OUT.expires_at],
        sending_at=found[_OUT.sending_at],
        server_at=found[_OUT.server_at],
        delivered_at=found[_OUT.delivered_at],
        read_at=found[_OUT.read_at],
    )
