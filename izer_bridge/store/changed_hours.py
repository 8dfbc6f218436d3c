"""Which hours that were summed have changed since: noted in the transaction of the change."""

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
    """When the hour of UTC began that holds this moment."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


_ROWS = webhook_messages.c
HOURLY = "hourly"
MARK = "changed"


def mark(connection: Connection, recorded_at: Iterable[datetime], now: datetime) -> None:
    """Messages recorded then are counted otherwise now, or go: note it of hours that are over.

    In the transaction of the change. A mark too many is harmless, one that is there already is
    not enough: it may be done with before this transaction ends.
    """
    over = {hour for hour in map(hour_of, recorded_at) if hour + AN_HOUR <= now}
    if over:
        marks = [row_of(hour, MARK, None, None, now) for hour in sorted(over)]
        connection.execute(insert(system_stats), marks)


def mark_rows(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """As `mark`, of these rows of `webhook_messages`: before they change."""
    mark(connection, connection.scalars(select(_ROWS.created_at).where(which)), now)


def row_of(
    hour: datetime, kind: str, part: str | None, number: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "stat_type": kind,
        "stat_value": part,
        "numeric_value": number,
        "time_period": HOURLY,
        "reference_date": hour.date(),
        "hour": hour.hour,
        "created_at": now,
    }
