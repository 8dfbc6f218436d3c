"""Which digest is due, and what it says to the owner, in Turkish; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from izer_bridge.reports.report import PeriodName, Report, Spread
from izer_bridge.reports.texts import REPORT_TEXTS, by_topic, duration, money, number
from izer_bridge.web.language import Language

# A digest that could not be sent for so long is not sent any more: the figures are old.
_LATE = {PeriodName.YESTERDAY: timedelta(hours=6), PeriodName.LAST_WEEK: timedelta(hours=24)}
_MOST_TOPICS = 5
# Before most shops open.
_AT = time(8, 30)
_TR = REPORT_TEXTS[Language.TR]


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """Which are wanted, and at what time of the shop's day."""

    periods: Sequence[PeriodName]
    at: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class DueDigest:
    """`name` is the same however often it is looked at; after `until` it is too late."""

    name: str
    period: PeriodName
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class WaitingNow:
    """Customers who wait for an answer, and how many of them longer than they should."""

    waiting: int
    late: int


def plan_of(digest: str, zone: ZoneInfo) -> DigestPlan:
    """As the settings say it."""
    periods = {
        "daily": [PeriodName.YESTERDAY],
        "weekly": [PeriodName.LAST_WEEK],
        "both": [PeriodName.YESTERDAY, PeriodName.LAST_WEEK],
    }
    return DigestPlan(periods.get(digest, []), _AT, zone)


def due_now(plan: DigestPlan, now: datetime) -> Sequence[DueDigest]:
    """Those whose time has come and is not long over."""
    local = now.astimezone(plan.zone)
    days = (local.date(), local.date() - timedelta(days=1))
    found = []
    for period in plan.periods:
        for day in days:
            if period is PeriodName.LAST_WEEK and day.weekday() != 0:
                continue
            at = datetime.combine(day, plan.at, plan.zone)
            until = at + _LATE[period]
            if at <= now < until:
                found.append(DueDigest(f"digest:{period}:{day}", period, at, until))
    return found


def subject(report: Report) -> str:
    begin = report.period.now.begin
    if report.period.name is PeriodName.LAST_WEEK:
        last = report.period.now.end - timedelta(days=1)
        return f"Haftalık özet: {begin:%d.%m.} – {last:%d.%m.%Y}"
    return f"Günlük özet: {_TR.weekdays[begin.weekday()]}, {begin:%d.%m.%Y}"


def digest_text(report: Report, waiting: WaitingNow) -> str:
    return "\n".join(_lines(report, waiting))


def _lines(report: Report, waiting: WaitingNow) -> Iterator[str]:
    now, before = report.now, report.before
    is_week = report.period.name is PeriodName.LAST_WEEK
    earlier = "önceki hafta" if is_week else "geçen haftanın aynı günü"
    yield subject(report)
    late = f" ({number(waiting.late, _TR)} yanıt gecikti)" if waiting.late else ""
    yield f"Şu an yanıt bekleyen: {number(waiting.waiting, _TR)} müşteri{late}"
    yield (
        f"Yazan: {number(now.customers, _TR)} müşteri, {number(now.messages, _TR)} mesaj"
        f" ({earlier}: {number(before.customers, _TR)} müşteri)"
    )
    yield f"İlk yanıt: {_times(now.first_answer)} ({earlier}: {_times(before.first_answer)})"
    if now.answer is not None:
        yield f"Geciken yanıt: {number(now.late, _TR)} / {number(now.answer.count, _TR)}"
    complaints = now.by_category.get("complaint", 0)
    yield f"Şikâyet: {number(complaints, _TR)}{_topics(now.complaints)}"
    yield f"Maliyet: {money(now.cost_micro_usd, _TR)}"


def _times(spread: Spread | None) -> str:
    if spread is None:
        return "yok"
    median, p90 = (duration(one, _TR) for one in (spread.median_seconds, spread.p90_seconds))
    return f"ortanca {median}, onda dokuzu en çok {p90}"


def _topics(topics: Mapping[str, int]) -> str:
    named = by_topic(topics, _TR)
    found = sorted(named.items(), key=lambda one: (-one[1], one[0]))[:_MOST_TOPICS]
    if not found:
        return ""
    return f" ({'; '.join(f'{topic} {number(count, _TR)}' for topic, count in found)})"
