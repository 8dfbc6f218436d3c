"""Hourly sums of recorded messages, in `system_stats`: counted from the rows once an hour is over.

So a kill loses none. A change to a row of a finished hour marks that hour in the same transaction
(`store.changed_hours`); until the hour is summed again its rows are counted directly, like those of
unfinished hours. Rows removed by retention or forgotten stay in the sums.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, and_, cast, delete, func, insert, select

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.domain.retention import FEWEST_DAYS
from izer_bridge.pipeline.store import remove_messages
from izer_bridge.reports.store.counting import ALL, IN_TIME, RECORDED, Counts, by_hour
from izer_bridge.reports.store.report_counting import CUSTOMERS, PREFIX, ReportHour, report_hours
from izer_bridge.store.changed_hours import AN_HOUR, HOURLY, MARK, hour_of, row_of
from izer_bridge.store.database import Database
from izer_bridge.store.tables import removals, system_stats, webhook_messages

_SUMS = system_stats.c
# Longer than from any look at the clock to the commit that follows from it.
_MARGIN = timedelta(minutes=10)
# The first hours to be summed: a day's counts are fast from the start.
_FIRST = timedelta(hours=25)
_A_DAYS_HOURS = _MOST_HOURS = 24
# A second's work. A transaction that takes twenty is given up, and what it summed would be tried
# again for ever: a busy day on a busy machine.
_MOST_MESSAGES = 5_000
ALWAYS_OPEN = ClockRules()
_NEVER = datetime.min.replace(tzinfo=UTC)
_IN_HOUR = select(func.count()).select_from(webhook_messages).where(*IN_TIME)
_IS_WHOLE = and_(_SUMS.stat_type == RECORDED, _SUMS.time_period == HOURLY)


def since(connection: Connection, moment: datetime, now: datetime) -> Counts:
    """The counts since `moment`: whole hours, and the rows of the others."""
    marked = {hour for _, hour in _marks(connection)}
    whole = [
        hour
        for hour in _summed(connection, moment)
        if moment <= hour < hour_of(now) and hour not in marked
    ]
    counted = total(connection, whole)
    # Another machine's clock may be ahead.
    for begin, end in between(moment, whole, now + timedelta(days=1)):
        for counts in by_hour(connection, begin, end).values():
            counted.update(counts)
    return counted


def between(
    begin: datetime, whole: Iterable[datetime], end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The periods between those hours."""
    for hour in whole:
        if begin < hour:
            yield begin, hour
        begin = hour + AN_HOUR
    yield begin, end


class SqlSums:
    """Part of the ledger; `store` waits for a database that has its tables."""

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        rules: ClockRules = ALWAYS_OPEN,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules

    async def fold(self) -> bool:
        """Sum finished hours, and again those that have changed; whether there are more.

        Raises TransientError if the store is away.
        """
        store, now = await self._store(), self._clock()
        due = await store.read(lambda connection: _due(connection, now, self._rules))
        if not (due.hours or due.marks):
            return False
        is_kept = await store.write(lambda connection: _keep(connection, due, now))
        return is_kept and due.has_more


@dataclass(frozen=True, slots=True)
class _Due:
    """The sums of `hours` at one moment, and the `chats` in which customers wrote; the sums that
    `stood` then, and the `marks` it clears.
    """

    hours: Sequence[datetime]
    counts: Mapping[datetime, Counts]
    chats: Mapping[datetime, Sequence[int]]
    stood: Sequence[int]
    marks: Sequence[int]
    has_more: bool


def _due(connection: Connection, now: datetime, rules: ClockRules = ALWAYS_OPEN) -> _Due:
    if ahead := [hour for hour in _summed(connection, now) if hour + AN_HOUR > now]:
        # The clock was put back; these hours are in the future.
        return _Due(ahead, {}, {}, _stood(connection, ahead), (), has_more=True)
    first, last = _end(connection, func.min), _end(connection, func.max)
    begin = hour_of(now - _FIRST) if last is None else last + AN_HOUR
    new = [begin + number * AN_HOUR for number in range((now - _MARGIN - begin) // AN_HOUR)]
    marks = [(row_id, hour) for row_id, hour in _marks(connection) if hour < begin or hour in new]
    # An older hour's rows may have been removed by retention, and its sum stays as it is.
    border = max(first or begin, whole_since(connection, remove_messages.RETENTION))
    wanted = sorted({*new, *(hour for _, hour in marks if hour >= border)})
    hours = _first_of(connection, wanted)
    counts: dict[datetime, Counts] = {}
    chats: dict[datetime, Sequence[int]] = {}
    for _, of_day in groupby(hours, datetime.date):
        day = list(of_day)
        found = by_hour(connection, day[0], day[-1] + AN_HOUR, with_times=True)
        told = report_hours(connection, day[0], day[-1] + AN_HOUR, rules)
        for hour in day:
            one = told.get(hour, ReportHour())
            counts[hour] = found.get(hour, Counter()) + one.counts
            chats[hour] = sorted(one.chats)
    done = [row_id for row_id, hour in marks if hour in counts or hour < border]
    return _Due(hours, counts, chats, _stood(connection, hours), done, len(hours) < len(wanted))


def _first_of(connection: Connection, wanted: Sequence[datetime]) -> Sequence[datetime]:
    """As many hours as one transaction has time for, one at least."""
    hours, messages = list(wanted[:1]), 0
    for hour, next_hour in pairwise(wanted[:_MOST_HOURS]):
        messages += connection.scalar(_IN_HOUR, {"begin": hour, "end": hour + AN_HOUR}) or 0
        if messages >= _MOST_MESSAGES:
            break
        hours.append(next_hour)
    return hours


def _keep(connection: Connection, due: _Due, now: datetime) -> bool:
    """False if another process has summed one of these hours meanwhile."""
    if _stood(connection, due.hours) != due.stood:
        return False
    connection.execute(delete(system_stats).where(_SUMS.id.in_([*due.stood, *due.marks])))
    rows = [
        row_of(hour, kind, part, number, now, due.chats[hour] if kind == CUSTOMERS else None)
        for hour, counts in due.counts.items()
        # Also for an hour without a message: it is known that there was none.
        for (kind, part), number in {(RECORDED, ALL): 0, (CUSTOMERS, ALL): 0, **counts}.items()
    ]
    if rows:
        connection.execute(insert(system_stats), rows)
    return True


def whole_since(connection: Connection, *reasons: str) -> datetime:
    """From when on no row can have been removed for one of these reasons."""
    latest = select(removals.c.reason, func.max(removals.c.started_at)).group_by(removals.c.reason)
    spared = {
        remove_messages.RETENTION: timedelta(days=FEWEST_DAYS),
        remove_messages.FORGET: timedelta(0),
    }
    borders = [
        began_at - spared[reason]
        for reason, began_at in connection.execute(latest)
        if reason in reasons
    ]
    return max(borders, default=_NEVER)


def kept(connection: Connection, begin: datetime, end: datetime) -> dict[datetime, Counts]:
    """The valid sums of the hours from `begin` until before `end`, without those of reports alone:
    they depend on settings, too.
    """
    marked = {hour for _, hour in _marks(connection)}
    hours = [hour for hour in _summed(connection, begin) if begin <= hour < end]
    found: dict[datetime, Counts] = {hour: Counter() for hour in hours if hour not in marked}
    for is_of_day in _days(found):
        for row in connection.execute(select(system_stats).where(is_of_day)):
            if row.numeric_value and not row.stat_type.startswith(PREFIX):
                hour = moment(row.reference_date, row.hour)
                found[hour][row.stat_type, row.stat_value] = int(row.numeric_value)
    return found


def extent(connection: Connection) -> tuple[datetime, datetime]:
    """When the first summed hour begins, and the last one ends; one moment if there is none."""
    first, last = _end(connection, func.min), _end(connection, func.max)
    return (first, last + AN_HOUR) if first and last else (_NEVER, _NEVER)


def _end(connection: Connection, of: Any) -> datetime | None:
    """The first or the last summed hour."""
    day = connection.scalar(select(of(_SUMS.reference_date)).where(_IS_WHOLE))
    if day is None:
        return None
    hour = select(of(_SUMS.hour)).where(_IS_WHOLE, _SUMS.reference_date == day)
    return moment(day, connection.scalar(hour) or 0)


def _summed(connection: Connection, since: datetime) -> list[datetime]:
    """The summed hours, from the day of that moment on."""
    query = select(_SUMS.reference_date, _SUMS.hour).where(
        _IS_WHOLE, _SUMS.reference_date >= since.date()
    )
    return sorted(moment(*row) for row in connection.execute(query))


def _marks(connection: Connection) -> list[tuple[int, datetime]]:
    query = select(_SUMS.id, _SUMS.reference_date, _SUMS.hour).where(
        _SUMS.stat_type == MARK, _SUMS.time_period == HOURLY
    )
    return [(row_id, moment(day, hour)) for row_id, day, hour in connection.execute(query)]


def total(connection: Connection, hours: Collection[datetime]) -> Counts:
    """The sum of these summed hours: one statement for all whole days, and one for each other."""
    found: Counts = Counter()
    number = cast(func.sum(_SUMS.numeric_value), Integer)
    query = select(_SUMS.stat_type, _SUMS.stat_value, number)
    for is_of_day in _days(hours):
        of_day = query.where(is_of_day).group_by(_SUMS.stat_type, _SUMS.stat_value)
        for kind, part, figure in connection.execute(of_day):
            found[kind, part] += figure
    return found


def first_with(connection: Connection, kind: str) -> datetime | None:
    """The first hour whose sum has figures of this kind."""
    of_kind = (_SUMS.stat_type == kind, _SUMS.time_period == HOURLY)
    day = connection.scalar(select(func.min(_SUMS.reference_date)).where(*of_kind))
    if day is None:
        return None
    hour = select(func.min(_SUMS.hour)).where(*of_kind, _SUMS.reference_date == day)
    return moment(day, connection.scalar(hour) or 0)


def whole_with(
    connection: Connection, kind: str, begin: datetime, end: datetime
) -> Sequence[datetime]:
    """The hours of those days whose sums have such figures and hold."""
    marked = {hour for _, hour in _marks(connection)}
    query = select(_SUMS.reference_date, _SUMS.hour).where(
        _SUMS.stat_type == kind,
        _SUMS.time_period == HOURLY,
        _SUMS.reference_date.between(begin.astimezone(UTC).date(), end.astimezone(UTC).date()),
    )
    return sorted({moment(*row) for row in connection.execute(query)} - marked)


def _stood(connection: Connection, hours: Collection[datetime]) -> Sequence[int]:
    query = select(_SUMS.id).order_by(_SUMS.id)
    return [
        row_id
        for is_of_day in _days(hours)
        for row_id in connection.scalars(query.where(is_of_day))
    ]


def _days(hours: Collection[datetime]) -> Iterator[ColumnElement[bool]]:
    """The conditions that select the sums of these hours, without marks: all whole days, then each
    other.
    """
    days: dict[date, list[int]] = {}
    for hour in hours:
        days.setdefault(hour.date(), []).append(hour.hour)
    whole = [day for day, of_day in days.items() if len(of_day) == _A_DAYS_HOURS]
    if whole:
        yield and_(
            _SUMS.reference_date.in_(whole), _SUMS.hour.is_not(None), _SUMS.stat_type != MARK
        )
    for day, of_day in days.items():
        if len(of_day) < _A_DAYS_HOURS:
            yield and_(_SUMS.reference_date == day, _SUMS.hour.in_(of_day), _SUMS.stat_type != MARK)


def moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
