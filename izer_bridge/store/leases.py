"""Leases on rows: which messages are free to be worked, and in what order."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model.ledger import PENDING
from izer_bridge.model.retry import LONGEST_ASKED_SECONDS
from izer_bridge.store.tables import webhook_messages

PENDING_STATES = sorted(map(str, PENDING))
NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_token": None, "lease_until": None}

_ROWS = webhook_messages.c
_NO_LEASE_LASTS = timedelta(hours=12)
_NO_PAUSE_LASTS = timedelta(seconds=2 * LONGEST_ASKED_SECONDS)


async def claimable(
    connection: AsyncConnection, now: datetime, limit: int, in_hand: Collection[int]
) -> Sequence[int]:
    """Of each chat the oldest message that is not done, where it is free."""
    oldest = (
        select(func.min(_ROWS.id).label("id"))
        .where(_ROWS.state.in_(PENDING_STATES))
        .group_by(_ROWS.chat_id)
        .subquery()
    )
    found = await connection.scalars(
        select(_ROWS.id)
        .join(oldest, oldest.c.id == _ROWS.id)
        .where(is_free(now), _ROWS.id.not_in(in_hand))
        .order_by(_ROWS.id)
        .limit(limit)
    )
    return found.all()


def is_free(now: datetime) -> Any:
    return and_(
        _is_past(_ROWS.lease_until, now, _NO_LEASE_LASTS),
        _is_past(_ROWS.next_attempt_at, now, _NO_PAUSE_LASTS),
    )


def _is_past(column: Any, now: datetime, longest: timedelta) -> Any:
    """Also what lies further ahead than it can have been set: then the clock was put back."""
    return or_(column.is_(None), column <= now, column > now + longest)
