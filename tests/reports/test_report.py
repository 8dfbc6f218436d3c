"""Reports: their periods, their answer times, and that sums and rows say the same."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.domain.analysis import Category, ResponseTime
from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message
from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.report import (
    Period,
    PeriodName,
    Report,
    Span,
    by_weekday_and_hour,
    spread,
)
from izer_bridge.reports.store.report import read_report
from izer_bridge.reports.waits import WaitLine, middle_of, part_of, waits_of
from tests.reports.test_sums import folded
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, ANALYSIS, ATTEMPT, NOON, RECORD, message

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
RULES = ClockRules()
OWN = Jid.parse(f"{ACCOUNT.removeprefix('+')}@s.whatsapp.net")
HANS = Jid.parse("4915550100266@s.whatsapp.net")
HOUR = 3_600.0


def local(text: str, zone: ZoneInfo = ISTANBUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("name", "now", "before"),
    [
        ("today", "2026-03-04T00:00 2026-03-04T10:30", "2026-03-03T00:00 2026-03-03T10:30"),
        ("week", "2026-03-02T00:00 2026-03-04T10:30", "2026-02-23T00:00 2026-02-25T10:30"),
        ("month", "2026-03-01T00:00 2026-03-04T10:30", "2026-02-01T00:00 2026-02-04T10:30"),
        ("yesterday", "2026-03-03T00:00 2026-03-04T00:00", "2026-02-24T00:00 2026-02-25T00:00"),
        ("last-week", "2026-02-23T00:00 2026-03-02T00:00", "2026-02-16T00:00 2026-02-23T00:00"),
        ("last-month", "2026-02-01T00:00 2026-03-01T00:00", "2026-01-01T00:00 2026-02-01T00:00"),
    ],
)
def test_a_period_is_compared_with_the_same_part_of_the_one_before(
    name: str, now: str, before: str
) -> None:
    period = Period.of(PeriodName(name), local("2026-03-04T10:30").astimezone(UTC), ISTANBUL)
    for span, expected in ((period.now, now), (period.before, before)):
        assert span == Span(*map(local, expected.split()))


def test_a_long_month_is_compared_with_all_of_a_short_one() -> None:
    period = Period.of(PeriodName.MONTH, local("2026-03-31T18:00"), ISTANBUL)
    assert period.before == Span(local("2026-02-01T00:00"), local("2026-03-01T00:00"))


def test_a_day_is_as_long_as_the_clocks_say() -> None:
    """In Berlin the clocks go forward on 2026-03-29, and back on 2026-10-25."""
    for day, hours in (("2026-03-30", 23), ("2026-10-26", 25), ("2026-06-02", 24)):
        span = Period.of(PeriodName.YESTERDAY, local(f"{day}T09:00", BERLIN), BERLIN).now
        assert span.end.astimezone(UTC) - span.begin.astimezone(UTC) == timedelta(hours=hours)
    monday = Period.of(PeriodName.WEEK, local("2026-03-29T12:00", BERLIN), BERLIN).now.begin
    assert monday == local("2026-03-23T00:00", BERLIN)


def test_a_time_of_the_histogram_is_within_five_percent() -> None:
    numbers = random.Random(7)
    for seconds in [0, 1, 59, *(int(10 ** numbers.uniform(0, 6)) for _ in range(2_000))]:
        assert abs(middle_of(part_of(seconds)) - seconds) <= 0.05 * seconds + 1


def test_median_and_p90_are_of_the_nearest_rank_within_five_percent() -> None:
    numbers = random.Random(8)
    for size in (1, 2, 9, 10, 500):
        times = sorted(int(numbers.lognormvariate(6, 2)) for _ in range(size))
        parts: dict[int, int] = {}
        for one in times:
            parts[middle_of(part_of(one))] = parts.get(middle_of(part_of(one)), 0) + 1
        found = spread(parts)
        assert found is not None
        for share, seconds in ((0.5, found.median_seconds), (0.9, found.p90_seconds)):
            exact = times[max(0, -(-int(share * 10 * size) // 10) - 1)]
            assert abs(seconds - exact) <= 0.05 * exact + 1
    assert spread({}) is None


def line(minute: float, who: str = "customer", **changes: object) -> WaitLine:
    at = NOON + timedelta(minutes=minute)
    one = WaitLine(1, int(minute * 10) + 1, at, at, who != "customer", who == "person",
                   False, False, 5, True, ResponseTime.FOUR_HOURS)  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


WAITS: dict[str, tuple[list[WaitLine], list[tuple[float, bool, bool]]]] = {
    "from the first unanswered message": (
        [line(0), line(5), line(9, "person")],
        [(9, True, False)],
    ),
    "a bot does not end it": ([line(0), line(1, "bot"), line(9, "person")], [(9, True, False)]),
    "the second answer of a matter is no first one": (
        [line(0), line(9, "person"), line(20), line(23, "person")],
        [(9, True, False), (3, False, False)],
    ),
    "thanks start none": (
        [
            line(0),
            line(1, "person"),
            line(2, needs_answer=False, urgency=1, target=ResponseTime.ONE_DAY),
            line(99, "person"),
        ],
        [(1, True, False)],
    ),
    "late by what the analysis allows": (
        [line(0, target=ResponseTime.ONE_HOUR), line(61, "person")],
        [(61, True, True)],
    ),
    "nobody has answered": ([line(0)], []),
    "nobody has asked": ([line(0, "person")], []),
}


@pytest.mark.parametrize("case", WAITS)
def test_a_wait_is_the_clocks(case: str) -> None:
    lines, expected = WAITS[case]
    found = [(one.seconds / 60, one.is_first, one.is_late) for one in waits_of(lines, RULES)]
    assert found == expected


def test_a_wait_over_night_is_of_opening_hours() -> None:
    week = {day: [(9 * 60, 18 * 60)] for day in range(7)}
    rules = ClockRules(BusinessHours(ZoneInfo("UTC"), week))
    [wait] = waits_of([line(5 * 60), line(21 * 60 + 10, "person")], rules)
    assert wait.seconds == 70 * 60


async def said(ledger: SqlLedger, *messages: Message) -> None:
    record = replace(RECORD, analysis=replace(ANALYSIS, category=Category.COMPLAINT))
    await ledger.record(messages)
    while works := await ledger.claim(10, run=50):
        await ledger.finish([Worked(one, replace(record, cost_micro_usd=500), ATTEMPT)
                             for one in works])  # fmt: skip


async def report(ledger: SqlLedger, clock: Clock, name: PeriodName) -> Report:
    store = await ledger.store()
    return await store.read(lambda one: read_report(one, name, clock(), ISTANBUL, RULES))


async def test_sums_and_rows_say_the_same(ledger: SqlLedger, clock: Clock) -> None:
    """A week of two customers, one of whom gets an answer after ten minutes, each day."""
    number = 0
    for _ in range(9):
        number += 10
        at = clock()
        await said(ledger, message(number, sent_at=at), message(number + 1, sent_at=at, chat=HANS))
        clock.forward(600)
        answer = message(number + 2, "Bakıyoruz", sent_at=clock(), from_me=True, sender=OWN)
        await said(ledger, answer)
        clock.forward(86_400 - 600)
        await folded(ledger)
    clock.forward(HOUR)
    found = {}
    for name in (PeriodName.YESTERDAY, PeriodName.LAST_WEEK, PeriodName.MONTH):
        found[name] = await report(ledger, clock, name)
    week = found[PeriodName.MONTH].now
    assert (week.messages, week.customers, week.by_shop) == (18, 2, 9)
    assert week.answer is not None
    assert (week.answer.count, week.late) == (9, 0)
    assert abs(week.answer.median_seconds - 600) <= 30
    assert week.first_answer is not None
    assert week.first_answer.count == 1
    assert week.by_category == {"complaint": 18}
    assert week.by_sentiment == {"urgent": 18}
    assert sum(week.complaints.values()) == 18
    assert week.cost_micro_usd == 18 * 500
    assert sum(map(sum, found[PeriodName.MONTH].by_hour)) == 18
    assert found[PeriodName.YESTERDAY].now.messages == 2
    assert found[PeriodName.YESTERDAY].before.messages == 2
    assert found[PeriodName.LAST_WEEK].known_since is not None


async def test_the_hour_that_is_not_over_counts_too(ledger: SqlLedger, clock: Clock) -> None:
    await said(ledger, message(1, sent_at=clock()))
    clock.forward(60)
    answer = message(2, "Tamam", sent_at=clock(), from_me=True, sender=OWN)
    await said(ledger, answer)
    clock.forward(60)
    today = (await report(ledger, clock, PeriodName.TODAY)).now
    assert (today.messages, today.customers) == (1, 1)
    assert today.first_answer is not None
    assert today.first_answer.count == 1
    clock.forward(5 * HOUR)
    await folded(ledger)
    assert (await report(ledger, clock, PeriodName.TODAY)).now == today


def test_an_hour_of_the_week_is_the_shops() -> None:
    sunday_night = datetime(2026, 3, 1, 22, tzinfo=UTC)
    table = by_weekday_and_hour([(sunday_night, 3)], ISTANBUL)
    assert table[0][1] == 3
