"""Reads a report from the hours' sums, and the few hours without one from their rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.reports.report import (
    Figures,
    Period,
    PeriodName,
    Report,
    Span,
    Spread,
    by_weekday_and_hour,
    spread,
)
from izer_bridge.reports.store import report_counting as kinds
from izer_bridge.reports.store import sums
from izer_bridge.reports.store.counting import ALL, Counts, by_hour
from izer_bridge.reports.waits import middle_of
from izer_bridge.store.changed_hours import AN_HOUR, hour_of
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import system_stats

_SUMS = system_stats.c
# On a store without any sum: no more than so far back is counted row by row.
_MOST_UNSUMMED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Counted:
    counts: Counts
    chats: set[int]
    messages: Sequence[tuple[datetime, int]]


def read_report(
    connection: Connection, name: PeriodName, at: datetime, zone: ZoneInfo, rules: ClockRules
) -> Report:
    """On the period of that name, as it is at this moment."""
    period = Period.of(name, at, zone)
    since = _known_since(connection, at)
    now = _counted(connection, period.now, since, rules)
    before = _counted(connection, period.before, since, rules)
    is_cut = since > period.before.begin
    return Report(
        period,
        _figures(now),
        _figures(before),
        by_weekday_and_hour(now.messages, zone),
        since if is_cut else None,
    )


class StoredReports(OpenedStore):
    """In the store at `url`. Raises TransientError, ConfigError."""

    async def report(
        self, name: PeriodName, at: datetime, zone: ZoneInfo, rules: ClockRules
    ) -> Report:
        return await self._database.read(lambda one: read_report(one, name, at, zone, rules))


def _known_since(connection: Connection, at: datetime) -> datetime:
    first = sums.first_with(connection, kinds.CUSTOMERS)
    return min(first or at, hour_of(at - _MOST_UNSUMMED))


def _counted(connection: Connection, span: Span, since: datetime, rules: ClockRules) -> _Counted:
    begin, end = max(span.begin, since), span.end
    whole = [
        hour
        for hour in sums.whole_with(connection, kinds.CUSTOMERS, begin, end)
        if begin <= hour and hour + AN_HOUR <= end
    ]
    counts = sums.total(connection, whole)
    chats: set[int] = set()
    messages: list[tuple[datetime, int]] = []
    for hour, ids, number in _hourly(connection, set(whole)):
        chats.update(ids)
        messages.append((hour, number))
    for first, last in sums.between(begin, whole, end):
        for some in by_hour(connection, first, last).values():
            counts.update(some)
        for hour, one in kinds.report_hours(connection, first, last, rules).items():
            counts.update(one.counts)
            chats |= one.chats
            messages.append((hour, one.counts[kinds.SAID, kinds.BY_CUSTOMER]))
    return _Counted(counts, chats, messages)


def _hourly(
    connection: Connection, whole: set[datetime]
) -> Iterator[tuple[datetime, Sequence[int], int]]:
    """Of summed hours: the chats in which customers wrote, and how many messages."""
    if not whole:
        return
    query = select(
        _SUMS.reference_date, _SUMS.hour, _SUMS.stat_type, _SUMS.numeric_value,
        _SUMS.additional_data,
    ).where(
        _SUMS.stat_type.in_((kinds.CUSTOMERS, kinds.SAID)),
        _SUMS.stat_value.in_((ALL, kinds.BY_CUSTOMER)),
        _SUMS.reference_date.between(min(whole).date(), max(whole).date()),
    )  # fmt: skip
    for row in connection.execute(query):
        hour = sums.moment(row.reference_date, row.hour)
        if hour not in whole:
            continue
        if row.stat_type == kinds.CUSTOMERS:
            yield hour, row.additional_data or (), 0
        else:
            yield hour, (), int(row.numeric_value)


def _figures(counted: _Counted) -> Figures:
    counts = counted.counts

    def parts(kind: str) -> dict[str, int]:
        return {part: number for (one, part), number in counts.items() if one == kind and number}

    return Figures(
        messages=counts[kinds.SAID, kinds.BY_CUSTOMER],
        customers=len(counted.chats),
        by_shop=counts[kinds.SAID, kinds.BY_SHOP],
        by_bridge=counts[kinds.SAID, kinds.BY_BRIDGE],
        first_answer=_spread(parts(kinds.FIRST_ANSWER)),
        answer=_spread(parts(kinds.ANSWER)),
        late=counts[kinds.LATE, ALL],
        by_category=parts("messages_by_category"),
        by_sentiment=parts(kinds.SENTIMENT),
        by_agent=parts("messages_by_agent"),
        complaints=parts(kinds.COMPLAINT),
        cost_micro_usd=counts["cost_micro_usd", ALL],
    )


def _spread(parts: dict[str, int]) -> Spread | None:
    times: Counter[int] = Counter()
    for part, number in parts.items():
        times[middle_of(int(part))] += number
    return spread(times)
