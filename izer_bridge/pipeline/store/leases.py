"""Leases on rows: which messages are free to be worked, and in what order."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import dropwhile, takewhile
from typing import Any

from sqlalchemy import Connection, Integer, Row, and_, bindparam, func, or_, select, update

from izer_bridge.domain.message_state import PENDING
from izer_bridge.domain.retry import LONGEST_ASKED_SECONDS
from izer_bridge.domain.work import Work
from izer_bridge.store.columns import spelled
from izer_bridge.store.tables import webhook_messages

NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_token": None, "lease_until": None}

_ROWS = webhook_messages.c
IS_PENDING = _ROWS.state.in_(spelled(PENDING))
_NO_LEASE_LASTS = timedelta(hours=12)
_NO_PAUSE_LASTS = timedelta(seconds=2 * LONGEST_ASKED_SECONDS)


def claimable(
    connection: Connection, now: datetime, chats: int, in_hand: Collection[int], run: int
) -> list[list[int]]:
    """The oldest unfinished messages of each chat, up to `run`, as far as they are free."""
    values = {**moments(now), "most": chats, "in_hand": list(in_hand)}
    found = connection.execute(_CLAIMABLE, values).all()
    runs = {row.chat_id: [row.id] for row in found}
    busy = [row.chat_id for row in found if row.waiting > 1]
    if run > 1 and busy:
        first = [row.id for row in found]
        values = {**moments(now), "most": run * len(busy), "chats": busy, "first": first}
        following: dict[int, list[Row[Any]]] = {chat_id: [] for chat_id in busy}
        for row in connection.execute(_FOLLOWING, values):
            following[row.chat_id].append(row)
        for chat_id, rows in following.items():
            runs[chat_id] += [row.id for row in takewhile(_is_free, rows[: run - 1])]
    return list(runs.values())


def behind_others(runs: Iterable[Sequence[int]], taken: Collection[int]) -> list[int]:
    """Those taken that follow a message of their chat that another worker took first."""
    return [
        row_id for run in runs for row_id in dropwhile(taken.__contains__, run) if row_id in taken
    ]


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
    """Free what this owner holds for the next claim."""
    held = and_(_ROWS.lease_owner == owner, IS_PENDING)
    connection.execute(update(webhook_messages).where(held).values(**NO_LEASE))


def _is_free(row: Row[Any]) -> bool:
    return bool(row.is_free)


def give_back_works(connection: Connection, works: Sequence[Work]) -> None:
    """Give back those that are still under their leases."""
    if works:
        connection.execute(_GIVE_BACK, held(works))


def held(works: Sequence[Work]) -> dict[str, Any]:
    """The values of `UNDER_LEASES`; messages claimed together share one token."""
    return {
        "row_ids": [one.row_id for one in works],
        "leases": sorted({one.lease for one in works}),
    }


def moments(now: datetime) -> dict[str, datetime]:
    """The values of `IS_FREE`."""
    return {
        "now": now,
        "no_lease_lasts": now + _NO_LEASE_LASTS,
        "no_pause_lasts": now + _NO_PAUSE_LASTS,
    }


def _is_past(column: Any, longest: str) -> Any:
    """Also true of a time further ahead than it can have been set: then the clock was put back."""
    now = bindparam("now", type_=column.type)
    return or_(column.is_(None), column <= now, column > bindparam(longest, type_=column.type))


# Built once: it is needed for every message or two.
IS_FREE = and_(
    _is_past(_ROWS.lease_until, "no_lease_lasts"), _is_past(_ROWS.next_attempt_at, "no_pause_lasts")
)
_OLDEST = (
    select(func.min(_ROWS.id).label("id"), func.count().label("waiting"))
    .where(IS_PENDING)
    .group_by(_ROWS.chat_id)
    .subquery()
)
_CLAIMABLE = (
    select(_ROWS.id, _ROWS.chat_id, _OLDEST.c.waiting)
    .join(_OLDEST, _OLDEST.c.id == _ROWS.id)
    .where(IS_FREE, _ROWS.id.not_in(bindparam("in_hand", expanding=True)))
    .order_by(_ROWS.id)
    .limit(bindparam("most", type_=Integer))
)
_FOLLOWING = (
    select(_ROWS.id, _ROWS.chat_id, IS_FREE.label("is_free"))
    .where(
        _ROWS.chat_id.in_(bindparam("chats", expanding=True)),
        IS_PENDING,
        _ROWS.id.not_in(bindparam("first", expanding=True)),
    )
    .order_by(_ROWS.id)
    .limit(bindparam("most", type_=Integer))
)
_TAKE = update(webhook_messages).where(
    _ROWS.id.in_(bindparam("row_ids", expanding=True)), IS_PENDING, IS_FREE
)
UNDER_LEASES = and_(
    _ROWS.id.in_(bindparam("row_ids", expanding=True)),
    _ROWS.lease_token.in_(bindparam("leases", expanding=True)),
)
_GIVE_BACK = update(webhook_messages).where(UNDER_LEASES).values(**NO_LEASE)
