"""The escalations in SQL: whose next level is due, and what became of each notice."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, true, update

from izer_bridge.domain.escalation import UNTOLD, Level, NoticeState, Target, Why
from izer_bridge.domain.event import EventType
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.ports import NoticeUnderWay, OpenEscalation, OutsideNotice
from izer_bridge.escalation.store.cases import case_of, cases
from izer_bridge.escalation.store.transitions import IS_OPEN, end_answered, take_back
from izer_bridge.events.store.emit import emit
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.store.chat_facts import breaker_until
from izer_bridge.replies.store.outbox_rows import notify
from izer_bridge.store.columns import spelled
from izer_bridge.store.database import Database
from izer_bridge.store.tables import (
    escalation_notices,
    escalations,
    outbox,
)
from izer_bridge.store.text import clean

_ESCALATIONS, _NOTICES = escalations.c, escalation_notices.c
_IS_UNTOLD = _NOTICES.state.in_(spelled(UNTOLD))


class SqlEscalations:
    """The store's escalations, each level of each at most once. `owner` names this installation.

    All methods raise TransientError if the store is away. A write about an escalation that has
    ended, or has moved on meanwhile, changes nothing.
    """

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        owner: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner

    async def abandoned(self) -> int:
        """Make the notices uncertain that this owner was sending when it ended; how many."""
        change = (
            update(escalation_notices)
            .where(
                _IS_UNTOLD,
                _NOTICES.sender == self._owner,
                _NOTICES.state == str(NoticeState.SENDING),
            )
            .values(
                state=str(NoticeState.UNCERTAIN),
                error="the bridge ended while it was telling it",
                updated_at=self._clock(),
            )
        )
        changed = await (await self._store()).write(lambda connection: connection.execute(change))
        return int(changed.rowcount)

    async def due(self, account: str | None) -> Sequence[OpenEscalation]:
        """End those that a person has answered; returns the others whose next level is due."""
        now = self._clock()
        query = (
            cases(_ESCALATIONS.webhook_message_id, _ESCALATIONS.account, _ESCALATIONS.level)
            .where(IS_OPEN, _ESCALATIONS.next_at <= now, _of(account))
            .order_by(_ESCALATIONS.next_at, _ESCALATIONS.id)
        )
        store = await self._store()
        if not await store.read(
            lambda connection: connection.scalar(select(func.count()).where(IS_OPEN))
        ):
            return ()

        def change(connection: Connection) -> list[OpenEscalation]:
            end_answered(connection, now)
            return [
                OpenEscalation(
                    row_id=row.escalation_id,
                    message_row_id=row.webhook_message_id,
                    account=row.account,
                    level=Level(row.level),
                    case=case_of(row),
                )
                for row in connection.execute(query)
            ]

        return await store.write(change)

    async def tell_on_whatsapp(
        self, one: OpenEscalation, level: Level, chat: Jid, text: str
    ) -> None:
        """Go up to `level`, and put its notice into the outbox, in one transaction."""
        now = self._clock()
        target = Target(level.name.lower())
        purpose = f"escalation:{one.row_id}:{target}"
        notice = Notice(purpose, one.account, chat, text, message_row_id=one.message_row_id)

        def change(connection: Connection) -> None:
            if _go_up(connection, one, level, None, now):
                outbox_id = notify(connection, notice, now)
                _note(connection, one, target, now, outbox_id=outbox_id)

        await (await self._store()).write(change)

    async def pass_over(self, one: OpenEscalation, level: Level, why: str) -> None:
        """Go up to `level` without notifying anybody; the next one is due at once."""
        now = self._clock()
        skipped = {"state": str(NoticeState.SKIPPED), "error": clean(why)}

        def change(connection: Connection) -> None:
            if _go_up(connection, one, level, now, now):
                _note(connection, one, Target(level.name.lower()), now, **skipped)

        await (await self._store()).write(change)

    async def tell_outside(
        self, one: OpenEscalation, level: Level, targets: Sequence[Target]
    ) -> None:
        now = self._clock()

        def change(connection: Connection) -> None:
            if _go_up(connection, one, level, None, now):
                for target in targets:
                    _note(connection, one, target, now, next_attempt_at=now)

        await (await self._store()).write(change)

    async def end_ladder(self, one: OpenEscalation) -> None:
        """No level is left; it stays open until it is answered or closed."""
        now = self._clock()
        await (await self._store()).write(
            lambda connection: _go_up(connection, one, one.level, None, now)
        )

    async def limited(self, account: str | None) -> str | None:
        """Why WhatsApp accepts nothing from this account now; None if it does."""
        now = self._clock()
        until = await (await self._store()).read(
            lambda connection: breaker_until(connection, account, now)
        )
        return None if until is None else "WhatsApp limits this account"

    async def under_way(self, account: str | None) -> Sequence[NoticeUnderWay]:
        query = (
            select(
                _NOTICES.id,
                _NOTICES.escalation_id,
                _ESCALATIONS.why.label("why_told"),
                _NOTICES.target,
                _NOTICES.created_at,
                outbox.c.state.label("outbox_state"),
                outbox.c.error.label("why"),
            )
            .join(outbox, outbox.c.id == _NOTICES.outbox_id)
            .join(escalations, _ESCALATIONS.id == _NOTICES.escalation_id)
            .where(_IS_UNTOLD, _NOTICES.state == str(NoticeState.WAITING), _of(account))
        )
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        return [
            NoticeUnderWay(
                row_id=row.id,
                escalation_id=row.escalation_id,
                why=Why(row.why_told),
                target=Target(row.target),
                outbox_state=OutboxState(row.outbox_state),
                since=row.created_at,
                error=row.why or "",
            )
            for row in found
        ]

    async def settle(
        self, notice: NoticeUnderWay, state: NoticeState, why: str, next_at: datetime
    ) -> None:
        """Record what became of a notice on WhatsApp; the next level is due at `next_at`."""
        now = self._clock()
        await (await self._store()).write(
            lambda connection: _settle(connection, notice, state, why, next_at, now)
        )

    async def withdraw(self, notice: NoticeUnderWay, why: str, next_at: datetime) -> None:
        """Take it back out of the outbox, unless it is being sent already."""
        now = self._clock()

        def change(connection: Connection) -> None:
            outbox_id = connection.scalar(
                select(_NOTICES.outbox_id).where(_NOTICES.id == notice.row_id)
            )
            if outbox_id is not None and take_back(connection, outbox_id, why, now):
                _settle(connection, notice, NoticeState.SKIPPED, why, next_at, now)

        await (await self._store()).write(change)

    async def outside(self, account: str | None) -> Sequence[OutsideNotice]:
        """Notices to be sent outside WhatsApp now."""
        query = (
            cases(_NOTICES.id, _NOTICES.target, _NOTICES.attempts, _NOTICES.created_at)
            .join(escalation_notices, _NOTICES.escalation_id == _ESCALATIONS.id)
            .where(
                IS_OPEN,
                _of(account),
                _IS_UNTOLD,
                _NOTICES.state == str(NoticeState.WAITING),
                _NOTICES.next_attempt_at <= self._clock(),
            )
            .order_by(_NOTICES.id)
        )
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        return [
            OutsideNotice(row.id, Target(row.target), row.attempts, row.created_at, case_of(row))
            for row in found
        ]

    async def begin(self, notice: OutsideNotice) -> bool:
        """Make it `sending`, once; False if another process has."""
        return await self._change_notice(
            notice, NoticeState.WAITING, state=str(NoticeState.SENDING), sender=self._owner
        )

    async def told(self, notice: OutsideNotice, state: NoticeState, error: str = "") -> None:
        await self._change_notice(
            notice,
            NoticeState.SENDING,
            state=str(state),
            error=clean(error) or None,
            next_attempt_at=None,
            attempts=notice.attempts + 1,
        )

    async def postpone(self, notice: OutsideNotice, until: datetime, error: str) -> None:
        await self._change_notice(
            notice,
            NoticeState.SENDING,
            state=str(NoticeState.WAITING),
            error=clean(error),
            next_attempt_at=until,
            attempts=notice.attempts + 1,
        )

    async def _change_notice(self, notice: OutsideNotice, old: NoticeState, **values: Any) -> bool:
        change = (
            update(escalation_notices)
            .where(_NOTICES.id == notice.row_id, _NOTICES.state == str(old))
            .values(updated_at=self._clock(), **values)
        )
        changed = await (await self._store()).write(lambda connection: connection.execute(change))
        return changed.rowcount == 1


def _of(account: str | None) -> ColumnElement[bool]:
    """The linked number's. If none is linked, nobody knows whose the others are."""
    return true() if account is None else _ESCALATIONS.account == account


def _go_up(
    connection: Connection,
    one: OpenEscalation,
    level: Level,
    next_at: datetime | None,
    now: datetime,
) -> bool:
    """Compare and set; False if it has ended or moved on meanwhile."""
    changed = connection.execute(
        update(escalations)
        .where(
            _ESCALATIONS.id == one.row_id,
            _ESCALATIONS.level == int(one.level),
            _ESCALATIONS.next_at.is_not(None),
            IS_OPEN,
        )
        .values(level=int(level), next_at=next_at, updated_at=now)
    )
    if changed.rowcount != 1:
        return False
    raised = {
        "account": one.account,
        "escalation_id": one.row_id,
        "row_id": one.message_row_id,
        "level": level.name.lower(),
    }
    emit(connection, EventType.ESCALATION_RAISED, raised, at=now)
    return True


def _note(
    connection: Connection, one: OpenEscalation, target: Target, now: datetime, **values: Any
) -> None:
    usual = {"state": str(NoticeState.WAITING), "created_at": now, "updated_at": now}
    row = usual | {"escalation_id": one.row_id, "target": str(target)} | values
    connection.execute(insert(escalation_notices).values(row))


def _settle(
    connection: Connection,
    notice: NoticeUnderWay,
    state: NoticeState,
    why: str,
    next_at: datetime,
    now: datetime,
) -> None:
    settled = connection.execute(
        update(escalation_notices)
        .where(_NOTICES.id == notice.row_id, _NOTICES.state == str(NoticeState.WAITING))
        .values(state=str(state), error=clean(why) or None, updated_at=now)
    )
    if settled.rowcount == 1:
        connection.execute(
            update(escalations)
            .where(_ESCALATIONS.id == notice.escalation_id, IS_OPEN)
            .values(next_at=next_at, updated_at=now)
        )
