"""A shop's report on a period against the one before; values and their arithmetic, pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_WEEK = timedelta(days=7)


class PeriodName(StrEnum):
    """The first three last until now."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    YESTERDAY = "yesterday"
    LAST_WEEK = "last-week"
    LAST_MONTH = "last-month"


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` until before `end`, both aware, in the shop's zone."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A span and the one it is compared with.

    An unfinished one is compared with the same part of the one before, and yesterday with the same
    weekday of the week before: shops have quiet weekdays.
    """

    name: PeriodName
    now: Span
    before: Span

    @classmethod
    def of(cls, name: PeriodName, moment: datetime, zone: ZoneInfo) -> "Period":
        """In wall time, so that a day may be 23 or 25 hours long. Weeks begin on Monday."""
        local = moment.astimezone(zone)
        today = _midnight(local)
        monday = _midnight(local, -local.weekday())
        first = today.replace(day=1)
        match name:
            case PeriodName.TODAY:
                return cls(name, Span(today, local), _shifted(today, local, -1))
            case PeriodName.WEEK:
                return cls(name, Span(monday, local), _shifted(monday, local, -7))
            case PeriodName.MONTH:
                before = _midnight(first, -1).replace(day=1)
                end = min(before + (_wall(local) - _wall(first)), first)
                return cls(name, Span(first, local), Span(before, end))
            case PeriodName.YESTERDAY:
                begin = _midnight(local, -1)
                return cls(name, Span(begin, today), _shifted(begin, today, -7))
            case PeriodName.LAST_WEEK:
                begin = _midnight(monday, -7)
                return cls(name, Span(begin, monday), _shifted(begin, monday, -7))
            case PeriodName.LAST_MONTH:
                begin = _midnight(first, -1).replace(day=1)
                before = _midnight(begin, -1).replace(day=1)
                return cls(name, Span(begin, first), Span(before, begin))


def _midnight(local: datetime, days: int = 0) -> datetime:
    return datetime.combine(local.date() + timedelta(days), time(0), local.tzinfo)


def _wall(local: datetime) -> datetime:
    return local.replace(tzinfo=None)


def _shifted(begin: datetime, end: datetime, days: int) -> Span:
    # Adding to an aware time of a zone moves its wall time.
    return Span(begin + timedelta(days), end + timedelta(days))


@dataclass(frozen=True, slots=True)
class Spread:
    """Answer times in seconds of opening hours; each within 5 % of the exact one."""

    count: int
    median_seconds: int
    p90_seconds: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a span came to. `by_shop` are messages written by people of the shop or approved.

    `late` of the `answer.count` answers came after they were due. A spread is None without an
    answer.
    """

    messages: int
    customers: int
    by_shop: int
    by_bridge: int
    first_answer: Spread | None
    answer: Spread | None
    late: int
    by_category: Mapping[str, int]
    by_sentiment: Mapping[str, int]
    by_agent: Mapping[str, int]
    complaints: Mapping[str, int]
    cost_micro_usd: int


@dataclass(frozen=True, slots=True)
class Report:
    """`by_hour` are customers' messages by weekday (0 is Monday) and hour of the shop.

    `known_since` is when the counting began, if that is within the periods.
    """

    period: Period
    now: Figures
    before: Figures
    by_hour: Sequence[Sequence[int]]
    known_since: datetime | None


def spread(parts: Mapping[int, int]) -> Spread | None:
    """Of a histogram: how many times, by a second that stands for all of its part."""
    count = sum(parts.values())
    if not count:
        return None
    return Spread(count, _quantile(parts, count, 0.5), _quantile(parts, count, 0.9))


def _quantile(parts: Mapping[int, int], count: int, share: float) -> int:
    """The smallest time that so large a share does not exceed."""
    left = share * count
    for seconds in sorted(parts):
        left -= parts[seconds]
        if left <= 0:
            return seconds
    return max(parts)


def by_weekday_and_hour(
    messages: Iterable[tuple[datetime, int]], zone: ZoneInfo
) -> Sequence[Sequence[int]]:
    """Of numbers by the beginning of their hour in UTC: seven rows of 24.

    In a zone that is off by half an hour, an hour counts where it begins.
    """
    found: Counter[tuple[int, int]] = Counter()
    for hour, number in messages:
        local = hour.astimezone(zone)
        found[local.weekday(), local.hour] += number
    return [[found[day, hour] for hour in range(24)] for day in range(7)]


def change(now: float, before: float) -> float | None:
    """By which share it has grown; None if there was nothing before."""
    return (now - before) / before if before else None
