"""Event deliveries under way: for the courier, and for the operator."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from izer_bridge.domain.event import DeliveryState, EventType
from izer_bridge.domain.link_state import LinkStatus
from izer_bridge.events.store.emit import emit
from izer_bridge.store.database import Database
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import event_deliveries, events, shut_event_targets
from izer_bridge.store.text import clean

_ROWS, _EVENTS, _SHUT = event_deliveries.c, events.c, shut_event_targets.c
_PENDING = _ROWS.state == str(DeliveryState.PENDING)
_DEAD = _ROWS.state == str(DeliveryState.DEAD)
_IS_SHUT = exists().where(_SHUT.target == _ROWS.target)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that this process has leased for delivery; `payload` is sent unchanged."""

    row_id: int
    lease: str
    event_id: str
    attempts: int
    type: str
    payload: str


class SqlDeliveries:
    """The deliveries. Every write is idempotent; all raise TransientError if the store is away.

    `store` waits for a database with its tables.
    """

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def claim(self, target: str, limit: int, lease_seconds: float) -> Sequence[Delivery]:
        """The oldest that are due and not leased, now leased; none for a target that is shut."""
        now, lease = self._clock(), secrets.token_hex(16)
        is_due = and_(_ROWS.target == target, _PENDING, _ROWS.next_attempt_at <= now, ~_IS_SHUT)
        due = select(_ROWS.id).where(is_due).order_by(_ROWS.next_attempt_at, _ROWS.id).limit(limit)
        store = await self._store()
        if not await store.read(lambda connection: connection.scalar(due)):
            return ()

        def change(connection: Connection) -> Sequence[Delivery]:
            ids = connection.scalars(due).all()
            connection.execute(
                update(event_deliveries)
                .where(_ROWS.id.in_(ids), _PENDING, _ROWS.next_attempt_at <= now)
                .values(lease_token=lease, next_attempt_at=now + timedelta(seconds=lease_seconds))
            )
            found = connection.execute(
                select(_ROWS.id, _ROWS.event_id, _ROWS.attempts, _EVENTS.type, _EVENTS.payload)
                .join(events, _EVENTS.id == _ROWS.event_id)
                .where(_ROWS.id.in_(ids), _ROWS.lease_token == lease)
                .order_by(_ROWS.id)
            )
            return [Delivery(row[0], lease, *row[1:]) for row in found]

        return await store.write(change)

    async def delivered(self, one: Delivery) -> None:
        await self._end(one, DeliveryState.DELIVERED, None)

    async def postpone(self, one: Delivery, until: datetime, error: str) -> None:
        await self._end(one, DeliveryState.PENDING, error, until)

    async def bury(self, one: Delivery, error: str) -> None:
        await self._end(one, DeliveryState.DEAD, error)

    async def shut(self, target: str, one: Delivery, reason: str) -> None:
        """Stop trying this target; this delivery and those that follow wait."""
        now = self._clock()

        def change(connection: Connection) -> None:
            known = connection.scalar(select(_SHUT.id).where(_SHUT.target == target))
            if known is None:
                connection.execute(
                    insert(shut_event_targets).values(
                        target=target, reason=clean(reason), shut_at=now
                    )
                )
            self._set(connection, one, DeliveryState.PENDING, reason, now)

        await (await self._store()).write(change)

    async def tell_status(self, word: str, status: LinkStatus, at: datetime) -> None:
        """The link's status, for targets that want `session.status`."""
        data = {"status": word, "state": str(status.state), "sentence": status.sentence}
        await (await self._store()).write(
            lambda connection: emit(connection, EventType.SESSION_STATUS, data, at=at)
        )

    async def _end(
        self, one: Delivery, state: DeliveryState, error: str | None, again: datetime | None = None
    ) -> None:
        await (await self._store()).write(
            lambda connection: self._set(connection, one, state, error, again)
        )

    def _set(
        self,
        connection: Connection,
        one: Delivery,
        state: DeliveryState,
        error: str | None,
        again: datetime | None,
    ) -> None:
        """Under another lease it is somebody else's, whose write counts."""
        connection.execute(
            update(event_deliveries)
            .where(_ROWS.id == one.row_id, _ROWS.lease_token == one.lease, _PENDING)
            .values(
                state=str(state),
                attempts=one.attempts + 1,
                next_attempt_at=again,
                lease_token=None,
                last_error=error and clean(error),
                updated_at=self._clock(),
            )
        )


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A delivery that nobody tries. `why` is `dead`, or `held` while its target is shut or gone."""

    row_id: int
    event_id: str
    type: str
    target: str
    why: str
    attempts: int
    error: str
    created_at: datetime


class Deliveries(OpenedStore):
    """Of the store at `url`, whose operator knows `targets` by name; a context manager.

    Raises TransientError, ConfigError.
    """

    def __init__(self, url: str, targets: Collection[str], clock: Callable[[], datetime]) -> None:
        super().__init__(url)
        self._targets = targets
        self._clock = clock

    async def list(self) -> Sequence[Undelivered]:
        """All that nobody tries, oldest first."""
        columns = (_ROWS.id, _ROWS.event_id, _EVENTS.type, _ROWS.target, _ROWS.state)
        more = (_ROWS.attempts, _ROWS.last_error, _EVENTS.created_at)
        # From the few deliveries to their events: each has one.
        query = select(*columns, *more).outerjoin_from(
            event_deliveries, events, _EVENTS.id == _ROWS.event_id
        )
        found = await self._database.read(
            lambda one: [row for left in self._left() for row in one.execute(query.where(left))]
        )
        return [
            Undelivered(*row[:4], _why(row.state), row.attempts, row.last_error or "", row[-1])
            for row in sorted(found, key=lambda row: row.id)
        ]

    async def shut_targets(self) -> dict[str, str]:
        """Targets that said that they are gone, with their answer."""
        found = await self._database.read(
            lambda connection: connection.execute(
                select(_SHUT.target, _SHUT.reason).order_by(_SHUT.target)
            )
        )
        return {str(target): str(reason) for target, reason in found}

    async def retry(self, row_ids: Sequence[int] | None) -> int:
        """Start again with these dead ones, or with all; how many there were."""
        state = str(DeliveryState.PENDING)
        return await self._move([_DEAD], row_ids, state=state, attempts=0, last_error=None)

    async def drop(self, row_ids: Sequence[int] | None) -> int:
        """Give these up, or all that nobody tries; how many there were."""
        return await self._move(self._left(), row_ids, state=str(DeliveryState.DROPPED))

    async def enable(self, target: str) -> bool:
        """Try a shut target again; whether it was shut."""
        removed = await self._database.write(
            lambda connection: connection.execute(
                delete(shut_event_targets).where(_SHUT.target == target)
            )
        )
        return bool(removed.rowcount)

    def _left(self) -> Sequence[ColumnElement[bool]]:
        """What nobody tries. One by one, as in `count`."""
        return _DEAD, and_(_PENDING, or_(_IS_SHUT, _ROWS.target.not_in(self._targets)))

    async def _move(
        self,
        conditions: Sequence[ColumnElement[bool]],
        row_ids: Sequence[int] | None,
        **values: Any,
    ) -> int:
        now = self._clock()
        changed = update(event_deliveries).values(
            next_attempt_at=now, lease_token=None, updated_at=now, **values
        )
        if row_ids is not None:
            changed = changed.where(_ROWS.id.in_(row_ids))
        moved = await self._database.write(
            lambda one: [one.execute(changed.where(which)).rowcount for which in conditions]
        )
        return sum(moved)


def count(connection: Connection, since: datetime) -> dict[str, int]:
    """By state: all that wait or are dead; the others since then."""
    counted = {}
    for state in DeliveryState:
        # One by one: a planner that has counted rows would rather scan all of them.
        query = select(func.count()).select_from(event_deliveries).where(_ROWS.state == str(state))
        if state not in (DeliveryState.PENDING, DeliveryState.DEAD):
            query = query.where(_ROWS.updated_at >= since)
        counted[str(state)] = connection.scalar(query) or 0
    return counted


def _why(state: str) -> str:
    return "dead" if state == DeliveryState.DEAD else "held"
