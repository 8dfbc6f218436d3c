"""The shop's opening times, and a clock that runs only while it is open; pure."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60

# Minutes since midnight, local wall time; 1440 is the midnight at the end of the day.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Spans by weekday (0 is Monday) in the shop's `zone`, ordered and disjoint.

    At least one weekday has one. The shop is closed on `holidays`, and every year on the month and
    day of `yearly_holidays`.
    """

    zone: ZoneInfo
    week: Mapping[int, Sequence[Span]]
    holidays: frozenset[date] = frozenset()
    yearly_holidays: frozenset[tuple[int, int]] = frozenset()

    def after(self, start: datetime, open_for: timedelta) -> datetime:
        """When the shop will have been open for this long since `start`, both aware; in UTC."""
        left = open_for
        for opens, closes in self._spans_since(start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins.astimezone(UTC) + left
            left -= closes - begins
        raise ValueError("the shop is never open")

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the shop is open between two moments, both aware."""
        total = timedelta(0)
        for opens, closes in self._spans_since(start):
            if opens >= end:
                return total
            total += min(closes, end) - max(opens, start)
        return total

    @property
    def usual_day(self) -> timedelta:
        """How long the shop is open on the average of its open weekdays."""
        days = [sum(last - first for first, last in spans) for spans in self.week.values() if spans]
        return timedelta(minutes=sum(days) / len(days))

    def spans_on(self, day: date) -> Sequence[Span]:
        """None on a holiday."""
        return () if self._is_holiday(day) else self.week.get(day.weekday(), ())

    def _spans_since(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans that end after `start`, in UTC.

        Wall times that a clock change skips or repeats may be out of order in UTC; time counted
        once is not counted again.
        """
        counted_until = datetime.min.replace(tzinfo=UTC)
        day_before = start.astimezone(self.zone).date() - _ONE_DAY
        for days in itertools.count():
            day = day_before + days * _ONE_DAY
            for first, last in self.spans_on(day):
                opens = max(self._moment(day, first), counted_until)
                closes = self._moment(day, last)
                counted_until = max(counted_until, closes)
                if closes > max(opens, start):
                    yield opens, closes

    def _is_holiday(self, day: date) -> bool:
        return day in self.holidays or (day.month, day.day) in self.yearly_holidays

    def _moment(self, day: date, minutes: int) -> datetime:
        days, minutes = divmod(minutes, _DAY_MINUTES)
        wall = time(minutes // 60, minutes % 60)
        return datetime.combine(day + days * _ONE_DAY, wall, self.zone).astimezone(UTC)
