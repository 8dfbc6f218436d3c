"""The owner's digest: when it is due, what it says, and that it is sent once on either way."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, time, timedelta

import pytest

from izer_bridge.config import load
from izer_bridge.domain.errors import ConfigError, PermanentError, TransientError
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.api import ReportSource
from izer_bridge.reports.digest import (
    DigestPlan,
    WaitingNow,
    digest_text,
    due_now,
    plan_of,
    subject,
)
from izer_bridge.reports.digest_step import DigestReader, Digests
from izer_bridge.reports.report import Period, PeriodName, Report, Spread
from izer_bridge.reports.store.digests import SqlDigests
from tests.end_to_end.stored import Store
from tests.reports.test_report import HANS, ISTANBUL, RULES, local
from tests.reports.test_report_cli import NOTHING
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, message

BOTH = plan_of("both", ISTANBUL)
# A Monday.
MONDAY = "2026-03-02"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (f"{MONDAY}T08:29", []),
        (f"{MONDAY}T08:30", ["digest:yesterday:2026-03-02", "digest:last-week:2026-03-02"]),
        (f"{MONDAY}T14:29", ["digest:yesterday:2026-03-02", "digest:last-week:2026-03-02"]),
        (f"{MONDAY}T14:30", ["digest:last-week:2026-03-02"]),
        ("2026-03-03T08:29", ["digest:last-week:2026-03-02"]),
        ("2026-03-03T08:30", ["digest:yesterday:2026-03-03"]),
        ("2026-03-08T23:00", []),
    ],
)
def test_it_is_due_at_its_time_and_not_long_after(now: str, expected: list[str]) -> None:
    assert [one.name for one in due_now(BOTH, local(now).astimezone(UTC))] == expected


def test_a_digest_late_in_the_evening_is_due_after_midnight_too() -> None:
    plan = DigestPlan([PeriodName.YESTERDAY], time(23, 30), ISTANBUL)
    [one] = due_now(plan, local("2026-03-03T01:00"))
    assert one.name == "digest:yesterday:2026-03-02"


def test_it_says_what_a_shop_wants_to_know_in_turkish() -> None:
    period = Period.of(PeriodName.YESTERDAY, local(f"{MONDAY}T08:30"), ISTANBUL)
    day = replace(
        NOTHING, messages=1_234, customers=12, first_answer=Spread(9, 720, 12_000),
        answer=Spread(30, 720, 12_000), late=2, by_category={"complaint": 3},
        complaints={"complaint+order+return": 2, "complaint": 1, "bir_ürün": 1},
        cost_micro_usd=430_000,
    )  # fmt: skip
    report = Report(period, day, NOTHING, [], None)
    assert digest_text(report, WaitingNow(3, 1)).splitlines() == [
        "Günlük özet: Paz, 01.03.2026",
        "Şu an yanıt bekleyen: 3 müşteri (1 yanıt gecikti)",
        "Yazan: 12 müşteri, 1.234 mesaj (geçen haftanın aynı günü: 0 müşteri)",
        "İlk yanıt: ortanca 12 dk, onda dokuzu en çok 3 sa 20 dk (geçen haftanın aynı günü: yok)",
        "Geciken yanıt: 2 / 30",
        "Şikâyet: 3 (Sipariş, İade 2; Diğer 1; bir ürün 1)",
        "Maliyet: 0,43 USD",
    ]
    week = Period.of(PeriodName.LAST_WEEK, local(f"{MONDAY}T08:30"), ISTANBUL)
    assert subject(replace(report, period=week)) == "Haftalık özet: 23.02. – 01.03.2026"


@dataclass
class Mailbox:
    """Takes letters, or fails with each of `errors` first."""

    errors: list[Exception] = field(default_factory=list)
    letters: list[Alarm] = field(default_factory=list)

    async def deliver(self, alarm: Alarm) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.letters.append(alarm)


Made = Callable[[DigestReader], Digests]


@pytest.fixture
async def made(ledger: SqlLedger, clock: Clock) -> Made:
    """On a Monday at ten, with one message of yesterday."""
    clock.now = local("2026-03-01T12:00").astimezone(UTC)
    await ledger.record([message(1, sent_at=clock())])
    clock.now = local(f"{MONDAY}T10:00").astimezone(UTC)

    async def waiting() -> WaitingNow:
        return WaitingNow(1, 0)

    def make(reader: DigestReader) -> Digests:
        source = ReportSource(ledger.store, clock, ISTANBUL, RULES)
        plan = plan_of("daily", ISTANBUL)
        sent = SqlDigests(ledger.store, clock)
        return Digests(plan, reader, source, waiting, sent, lambda: ACCOUNT, lambda: None)

    return make


async def test_the_owner_gets_one_notice_however_often_it_is_looked(
    made: Made, stored: Store
) -> None:
    for _ in range(3):
        await made(DigestReader(HANS, None)).work()
    [row] = await stored.rows("SELECT * FROM outbox")
    assert (row.kind, row.state, row.chat_jid) == ("notice", "approved", str(HANS))
    assert "Yazan: 1 müşteri, 1 mesaj" in row.proposed_text
    assert row.expires_at is not None


async def test_nothing_is_written_without_a_link_and_once_there_is_one_it_is(
    made: Made, stored: Store
) -> None:
    digests = made(DigestReader(HANS, None))
    await replace(digests, account=lambda: None).work()
    assert await stored.rows("SELECT * FROM outbox") == []
    await digests.work()
    assert len(await stored.rows("SELECT * FROM outbox")) == 1


async def test_two_at_once_write_one(made: Made, stored: Store) -> None:
    digests = made(DigestReader(HANS, None))
    await asyncio.gather(digests.work(), digests.work())
    assert len(await stored.rows("SELECT * FROM outbox")) == 1


@pytest.mark.parametrize(
    ("error", "letters", "state"),
    [
        (TransientError("no SMTP server"), 1, "sent"),
        (MayBeHandedOverError("cut"), 0, "uncertain"),
        (PermanentError("refused"), 0, "failed"),
    ],
)
async def test_a_letter_is_tried_again_only_if_it_has_certainly_not_come(
    made: Made, stored: Store, error: Exception, letters: int, state: str
) -> None:
    mailbox = Mailbox([error])
    for _ in range(3):
        await made(DigestReader(None, mailbox)).work()
    assert len(mailbox.letters) == letters
    assert [row.state for row in await stored.rows("SELECT state FROM digests")] == [state]


async def test_a_kill_while_a_letter_goes_out_sends_no_second_one(made: Made) -> None:
    class Killed(BaseException):
        pass

    class Cut(Mailbox):
        async def deliver(self, alarm: Alarm) -> None:
            self.letters.append(alarm)
            raise Killed

    mailbox = Cut()
    with pytest.raises(Killed):
        await made(DigestReader(None, mailbox)).work()
    await made(DigestReader(None, mailbox)).work()
    assert len(mailbox.letters) == 1


async def test_what_was_not_sent_in_time_is_left_out(
    made: Made, clock: Clock, stored: Store
) -> None:
    clock.now += timedelta(hours=5)
    await made(DigestReader(HANS, None)).work()
    assert await stored.rows("SELECT * FROM outbox") == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"DIGEST": "daily"}, "escalation.owner"),
        ({"DIGEST": "hourly"}, "'weekly'"),
    ],
)
def test_a_digest_for_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], named: str
) -> None:
    for key, value in settings.items():
        monkeypatch.setenv(f"IZER_REPORTS__{key}", value)
    with pytest.raises(ConfigError, match=named):
        load(None)
