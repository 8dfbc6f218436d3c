"""A chat's clock as its row."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from random import getrandbits
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, update

from izer_bridge.conversations.clock import ClockPhase, WaitingClock
from izer_bridge.conversations.conversation import ConversationDecision, Decider
from izer_bridge.store.bulk import put_all
from izer_bridge.store.tables import conversations
from izer_bridge.store.text import name as fitting_name

# What is never due comes after all that is.
_NEVER = timedelta(days=100 * 365)
_C = conversations.c
# A signed column holds them, and a few more.
_BITS = 62
_SAME = (
    *("waiting_since", "soon_at", "due_at", "asked_at", "unanswered", "calm", "urgent_id"),
    *("urgency", "answered_at", "dealt_at", "was_answered", "snoozed_until", "last_at"),
    *("is_vip", "is_critical_group"),
)
_LOCKED = (
    select(conversations)
    .where(_C.id.in_(bindparam("ids", expanding=True)))
    # In one order, so that two transactions do not wait for each other.
    .order_by(_C.id)
    .with_for_update()
)
_UNCHANGED = update(conversations).where(
    _C.id == bindparam("chat_id"), _C.revision == bindparam("read_revision")
)


class ReadClock(NamedTuple):
    """A clock whose row was read beside something else, and not locked."""

    clock: WaitingClock
    revision: int


def clocks(connection: Connection, chat_ids: Collection[int]) -> dict[int, WaitingClock]:
    """Those that have a row, which stays locked until the transaction ends."""
    if not chat_ids:
        return {}
    found = connection.execute(_LOCKED, {"ids": sorted(chat_ids)})
    return {row.id: clock_of(row) for row in found}


def keep(connection: Connection, changed: Mapping[int, WaitingClock], now: datetime) -> None:
    """Write these chats' clocks, and that they have changed."""
    rows = [_row(chat_id, clock, now) for chat_id, clock in sorted(changed.items())]
    put_all(connection, conversations, rows)


def keep_unchanged(
    connection: Connection, chat_id: int, read: ReadClock, clock: WaitingClock, now: datetime
) -> bool:
    """Write it in place of the one that was read, if nobody has changed the row since."""
    values = _row(chat_id, clock, now)
    where = {"chat_id": values.pop("id"), "read_revision": read.revision}
    return connection.execute(_UNCHANGED, values | where).rowcount == 1


def read_clock(row: Row[Any]) -> ReadClock | None:
    """The clock in a row that holds all columns of `conversations`, if the chat has one."""
    if row._mapping[_C.phase] is None:
        return None
    return ReadClock(clock_of(row), row._mapping[_C.revision])


def clock_of(row: Row[Any]) -> WaitingClock:
    fields = row._mapping
    decision = fields[_C.decision]
    decided = None
    if decision is not None:
        by, at = fields[_C.decided_by] or "", fields[_C.decided_at]
        decided = Decider(ConversationDecision(decision), by, at)
    same = {name: fields[_C[name]] for name in _SAME}
    return WaitingClock(ClockPhase(fields[_C.phase]), **same, decided=decided)


def _row(chat_id: int, clock: WaitingClock, now: datetime) -> dict[str, Any]:
    decided = clock.decided
    return {
        "id": chat_id,
        "phase": str(clock.phase),
        "sort_at": _sort_at(clock, now),
        **{name: getattr(clock, name) for name in _SAME},
        "decision": decided and str(decided.decision),
        "decided_by": decided and fitting_name(decided.by),
        "decided_at": decided and decided.at,
        "changed_at": now,
        "revision": getrandbits(_BITS),
    }


def _sort_at(clock: WaitingClock, now: datetime) -> datetime:
    if clock.phase is ClockPhase.WAITING:
        return clock.due_at or (clock.waiting_since or now) + _NEVER
    return clock.last_at or now
