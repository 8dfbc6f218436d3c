"""Leases on rows: which messages are free to be worked, and in what order."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, and_, bindparam, func, or_, select, update

from izer_bridge.model.ledger import PENDING
from izer_bridge.model.retry import LONGEST_ASKED_SECONDS
from izer_bridge.store.tables import webhook_messages

PENDING_STATES = sorted(map(str, PENDING))
NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_token": None, "lease_until": None}

_ROWS = webhook_messages.c
_NO_LEASE_LASTS = timedelta(hours=12)
_NO_PAUSE_LASTS = timedelta(seconds=2 * LONGEST_ASKED_SECONDS)


def claimable(
    connection: Connection, now: datetime, limit: int, in_hand: Collection[int]
) -> Sequence[int]:
    """Of each chat the oldest message that is not done, where it is free."""
    values = {**moments(now), "most": limit, "in_hand": list(in_hand)}
    return connection.scalars(_CLAIMABLE, values).all()


def take(
    connection: Connection,
    row_ids: Sequence[int],
    token: str,
    owner: str,
    now: datetime,
    until: datetime,
) -> None:
    """Lease those of these rows that are still free."""
    held = {"lease_owner": owner, "lease_token": token, "lease_until": until}
    connection.execute(_TAKE, {"row_ids": row_ids, **moments(now), **held})


def give_back(connection: Connection, owner: str) -> None:
    """What this owner holds is free for whoever claims next."""
    held = and_(_ROWS.lease_owner == owner, _ROWS.state.in_(PENDING_STATES))
    connection.execute(update(webhook_messages).where(held).values(**NO_LEASE))


def moments(now: datetime) -> dict[str, datetime]:
    """The values of `IS_FREE`."""
    return {
        "now": now,
        "no_lease_lasts": now + _NO_LEASE_LASTS,
        "no_pause_lasts": now + _NO_PAUSE_LASTS,
    }


def _is_past(column: Any, longest: str) -> Any:
    """Also what lies further ahead than it can have been set: then the clock was put back."""
    now = bindparam("now", type_=column.type)
    return or_(column.is_(None), column <= now, column > bindparam(longest, type_=column.type))


# Built once: whoever claims asks so for every message or two.
IS_FREE = and_(
    _is_past(_ROWS.lease_until, "no_lease_lasts"), _is_past(_ROWS.next_attempt_at, "no_pause_lasts")
)
_OLDEST = (
    select(func.min(_ROWS.id).label("id"))
    .where(_ROWS.state.in_(PENDING_STATES))
    .group_by(_ROWS.chat_id)
    .subquery()
)
_CLAIMABLE = (
    select(_ROWS.id)
    .join(_OLDEST, _OLDEST.c.id == _ROWS.id)
    .where(IS_FREE, _ROWS.id.not_in(bindparam("in_hand", expanding=True)))
    .order_by(_ROWS.id)
    .limit(bindparam("most", type_=Integer))
)
_TAKE = update(webhook_messages).where(
    _ROWS.id.in_(bindparam("row_ids", expanding=True)), _ROWS.state.in_(PENDING_STATES), IS_FREE
)
