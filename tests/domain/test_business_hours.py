"""The clock of the business hours, compared with one that looks at every minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izer_bridge.domain.business_hours import BusinessHours, Span

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
WEEK = {day: [(9 * 60, 19 * 60)] for day in range(5)} | {5: [(10 * 60, 13 * 60), (14 * 60, 1440)]}
SHOP = BusinessHours(ISTANBUL, WEEK, frozenset({date(2026, 3, 20)}), frozenset({(4, 23)}))
ALWAYS = BusinessHours(BERLIN, {day: [(0, 1440)] for day in range(7)})


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def local(*parts: int, zone: ZoneInfo = ISTANBUL) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("start", "open_for", "then"),
    [
        (local(2026, 3, 2, 10, 0), 30, local(2026, 3, 2, 10, 30)),
        (local(2026, 3, 2, 18, 50), 30, local(2026, 3, 3, 9, 20)),
        (local(2026, 3, 2, 18, 30), 30, local(2026, 3, 2, 19, 0)),
        (local(2026, 3, 2, 23, 0), 30, local(2026, 3, 3, 9, 30)),
        (local(2026, 3, 2, 3, 0), 0, local(2026, 3, 2, 9, 0)),
        # Friday the 20th is a holiday; Saturday has a break and is open until midnight.
        (local(2026, 3, 19, 18, 59), 2, local(2026, 3, 21, 10, 1)),
        (local(2026, 3, 21, 12, 50), 30, local(2026, 3, 21, 14, 20)),
        (local(2026, 3, 21, 23, 59), 11, local(2026, 3, 23, 9, 10)),
        (local(2026, 4, 22, 19, 0), 5, local(2026, 4, 24, 9, 5)),
    ],
)
def test_the_clock_stands_while_the_shop_is_closed(
    start: datetime, open_for: int, then: datetime
) -> None:
    assert SHOP.after(start, minutes(open_for)) == then


@pytest.mark.parametrize("day", [(2026, 3, 28), (2026, 10, 24)])
def test_a_night_when_the_clocks_change_lasts_as_long_as_it_does(day: tuple[int, int, int]) -> None:
    start = datetime(*day, 22, tzinfo=BERLIN).astimezone(UTC)
    assert ALWAYS.after(start, timedelta(hours=12)) == start + timedelta(hours=12)


spans = st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(
    lambda ends: [
        (first * 30, last * 30)
        for first, last in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False)
    ]
)
weeks = st.dictionaries(st.integers(0, 6), spans, min_size=1)
# Both nights of the year when Berlin's clocks change are near these days.
moments = st.builds(
    lambda start, minute: start + minutes(minute),
    st.sampled_from([datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)]),
    st.integers(0, 5 * 1440),
)


def is_open(week: dict[int, list[Span]], moment: datetime) -> bool:
    wall = moment.astimezone(BERLIN)
    minute = wall.hour * 60 + wall.minute
    return any(first <= minute < last for first, last in week.get(wall.weekday(), []))


def counted(week: dict[int, list[Span]], start: datetime, open_for: int) -> datetime:
    """When this many open minutes were counted, looking at each."""
    while open_for:
        open_for -= is_open(week, start)
        start += minutes(1)
    return start


@settings(deadline=None)
@given(weeks, moments, st.integers(1, 1500))
def test_it_is_what_looking_at_every_minute_finds(
    week: dict[int, list[Span]], start: datetime, open_for: int
) -> None:
    hours = BusinessHours(BERLIN, week)
    found = hours.after(start, minutes(open_for))
    if not (_has_changing_hour(week) and _crosses_change(start, found)):
        assert found == counted(week, start, open_for)
    assert found - start >= minutes(open_for)


def _has_changing_hour(week: dict[int, list[Span]]) -> bool:
    """A span that begins or ends in the hour that is skipped or repeated."""
    return any(120 <= end <= 180 for span in week.get(6, []) for end in span)


def _crosses_change(start: datetime, end: datetime) -> bool:
    return start.astimezone(BERLIN).utcoffset() != end.astimezone(BERLIN).utcoffset()


@settings(deadline=None)
@given(weeks, moments, st.integers(0, 900), st.integers(1, 900))
def test_waiting_in_two_parts_is_waiting_once(
    week: dict[int, list[Span]], start: datetime, first: int, second: int
) -> None:
    hours = BusinessHours(BERLIN, week)
    halfway = hours.after(start, minutes(first))
    assert hours.after(halfway, minutes(second)) == hours.after(start, minutes(first + second))
