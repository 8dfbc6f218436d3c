"""Marks hours whose sums have become stale, in the transaction that changes their rows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from izer_bridge.store.tables import (
    system_stats,
    webhook_messages,
)

AN_HOUR = timedelta(hours=1)


def hour_of(moment: datetime) -> datetime:
    """The start of the UTC hour that contains this moment."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


_ROWS = webhook_messages.c
HOURLY = "hourly"
MARK = "changed"


def mark(connection: Connection, recorded_at: Iterable[datetime], now: datetime) -> None:
    """Mark finished hours in which messages recorded at these times change or are removed.

    In the transaction of the change. One mark too many is harmless. A mark that already exists is
    not enough: it may be cleared before this transaction ends.
    """
    over = {hour for hour in map(hour_of, recorded_at) if hour + AN_HOUR <= now}
    if over:
        marks = [row_of(hour, MARK, None, None, now) for hour in sorted(over)]
        connection.execute(insert(system_stats), marks)


def mark_rows(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """As `mark`, for these rows of `webhook_messages`; call it before they change."""
    mark(connection, connection.scalars(select(_ROWS.created_at).where(which)), now)


def row_of(
    hour: datetime,
    kind: str,
    part: str | None,
    number: int | None,
    now: datetime,
    more: Any = None,
) -> dict[str, Any]:
    return {
        "stat_type": kind,
        "stat_value": part,
        "numeric_value": number,
        "time_period": HOURLY,
        "reference_date": hour.date(),
        "hour": hour.hour,
        "additional_data": more,
        "created_at": now,
    }
