"""The ladder over a real store, SMTP server and webhook, with a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.escalation import Due, Target, Why
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message
from izer_bridge.domain.message_state import State
from izer_bridge.escalation.alarm_ports import Alarm, Channel
from izer_bridge.escalation.alarm_webhook import AlarmWebhook
from izer_bridge.escalation.email import Email, SmtpAccount
from izer_bridge.escalation.step import Escalations, Ladder
from izer_bridge.host.clock import Clock as PipelineClock
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.simulator.process import PATIENCE_SECONDS
from tests.end_to_end.stored import Store
from tests.escalation.test_alarm_webhook import SECRET
from tests.servers.agent import failing
from tests.servers.loopback import Hang, Loopback, as_json
from tests.servers.smtp import SmtpServer
from tests.store.ledgers import SCREENING, Clock
from tests.store.messages import ACCOUNT, NOON, RECORD, message

OWNER = Jid.parse("905550000009@s.whatsapp.net")
SECOND = Jid.parse("200000000000008@lid")
STEP = timedelta(minutes=15)
ALWAYS = BusinessHours(ZoneInfo("Europe/Istanbul"), {day: [(0, 1440)] for day in range(7)})
AFTER_HALF_AN_HOUR = Due(NOON + timedelta(minutes=30), Why.VIP)
_ALL = "SELECT * FROM escalations ORDER BY id"
_NOTICES = "SELECT target, state, error, attempts FROM escalation_notices ORDER BY id"
_OUTBOX = "SELECT id, chat_jid, state, proposed_text FROM outbox ORDER BY id"


@dataclass
class WhatsApp:
    """The link's condition as the test wants it."""

    account: str | None = ACCOUNT
    unusable: str | None = None


@dataclass
class Shop:
    """Everything around the ladder; `pass_minutes` moves the clock and lets it work."""

    ledger: SqlLedger
    stored: Store
    clock: Clock
    webhook: Loopback
    smtp: SmtpServer
    ladder: Ladder
    whatsapp: WhatsApp = field(default_factory=WhatsApp)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        clock = PipelineClock(self.clock, lambda: 0.0, lambda: 0.5)
        self.escalations = Escalations(self.ledger.escalations(), self.ladder, self.whatsapp, clock)

    async def ask(self, one: Message, due: Due = AFTER_HALF_AN_HOUR) -> None:
        """A customer's message that a person must have answered by then."""
        await self.ledger.record([one])
        [work] = await self.ledger.claim(1)
        await self.ledger.analysed(work, replace(RECORD, due=due))
        await self.ledger.bury(replace(work, state=State.ANALYSED), "done")

    async def pass_minutes(self, minutes: float) -> None:
        self.clock.forward(60 * minutes)
        await self.escalations.work()

    async def send(self, state: str = "sent") -> None:
        """Does the courier's work on the outbox."""
        await self.stored.execute(
            f"UPDATE outbox SET state = '{state}' WHERE state = 'approved'"  # noqa: S608
        )
        await self.escalations.work()

    async def notices(self) -> list[tuple[str, str]]:
        return [(row.target, row.state) for row in await self.stored.rows(_NOTICES)]

    async def outbox(self) -> list[Any]:
        return await self.stored.rows(_OUTBOX)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    url, clock = f"sqlite:///{tmp_path / 'store.db'}", Clock()
    ledger = SqlLedger(url, SCREENING, "me", clock=clock)
    await ledger.open()
    async with (
        Loopback("/alarm", lambda _: as_json({})) as webhook,
        SmtpServer() as smtp,
        aiohttp.ClientSession() as session,
    ):
        channels: dict[Target, Channel] = {
            Target.WEBHOOK: AlarmWebhook(f"{webhook.url}/alarm", SecretStr(SECRET), session, 1.0),
            Target.EMAIL: Email(
                SmtpAccount("127.0.0.1", smtp.port, "none"), "bridge@a", ("owner@a",), 5.0
            ),
        }
        chats = {Target.OWNER: OWNER, Target.SECOND: SECOND}
        ladder = Ladder(ALWAYS, STEP, chats, channels)
        yield Shop(ledger, Store(url), clock, webhook, smtp, ladder)
    await ledger.close()


def answer(number: int) -> Message:
    return message(number, "Bakıyoruz", sender=Jid(ACCOUNT[1:], "s.whatsapp.net"), from_me=True)


async def test_of_danger_everybody_is_told_at_any_hour(shop: Shop) -> None:
    shop.ladder = replace(shop.ladder, hours=BusinessHours(ALWAYS.zone, {0: [(0, 1)]}))
    shop.restart()
    await shop.ask(message(1, "Frenim tutmuyor!"), Due(NOON, Why.DANGER))
    await shop.pass_minutes(0)
    [told] = await shop.outbox()
    assert "🚨 TEHLİKE bildiren müşteri" in told.proposed_text
    await shop.send()
    await shop.pass_minutes(15)
    assert [row.chat_jid for row in await shop.outbox()] == [str(OWNER), str(SECOND)]


async def test_without_anybody_to_tell_danger_stays_open_until_it_is_answered(shop: Shop) -> None:
    shop.ladder = Ladder(ALWAYS, STEP, {}, {})
    shop.restart()
    await shop.ask(message(1, "Frenim tutmuyor!"), Due(NOON, Why.DANGER))
    await shop.pass_minutes(0)
    [row] = await shop.stored.rows(_ALL)
    assert (row.state, row.next_at) == ("open", None)
    await shop.ledger.record([answer(9)])
    await shop.escalations.work()
    [row] = await shop.stored.rows(_ALL)
    assert row.state == "answered"


async def test_the_whole_ladder_each_step_once(shop: Shop) -> None:
    await shop.ask(message(1, "Frenim tutmuyor!"))
    await shop.ask(message(2, "Alo?"))
    await shop.pass_minutes(29)
    assert await shop.notices() == []
    await shop.pass_minutes(1)
    [told] = await shop.outbox()
    assert told.chat_jid == str(OWNER)
    assert "VIP müşteri 29 dakikadır yanıt bekliyor: +905551112233 «Ayşe»" in told.proposed_text
    assert "«Frenim tutmuyor!»\nSonra 1 mesaj daha geldi." in told.proposed_text
    await shop.send()
    await shop.pass_minutes(14)
    assert len(await shop.outbox()) == 1
    await shop.pass_minutes(1)
    assert [row.chat_jid for row in await shop.outbox()] == [str(OWNER), str(SECOND)]
    await shop.send()
    await shop.pass_minutes(15)
    [request], [mail] = shop.webhook.requests, shop.smtp.messages
    event = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert event["data"]["waited_seconds"] == 3599
    assert event["data"]["link"] == "https://wa.me/905551112233"
    assert mail["Subject"] == "VIP müşteri 59 dakikadır yanıt bekliyor: +905551112233 «Ayşe»"
    for _ in range(3):
        await shop.pass_minutes(60)
    assert await shop.notices() == [
        ("owner", "sent"),
        ("second", "sent"),
        ("webhook", "sent"),
        ("email", "sent"),
    ]
    assert (len(shop.webhook.requests), len(shop.smtp.messages)) == (1, 1)


@pytest.mark.parametrize("steps", range(4))
async def test_a_persons_answer_ends_it_at_any_point(shop: Shop, steps: int) -> None:
    await shop.ask(message(1))
    for minutes in (30, 15, 15)[:steps]:
        await shop.pass_minutes(minutes)
        await shop.send()
    told = len(await shop.notices())
    await shop.ledger.record([answer(9)])
    for _ in range(4):
        await shop.pass_minutes(60)
        await shop.send()
    assert len(await shop.notices()) == told
    [row] = await shop.stored.rows("SELECT state, level FROM escalations")
    assert (row.state, row.level) == ("answered", steps)


async def test_a_restart_between_any_two_steps_is_the_same_as_going_on(shop: Shop) -> None:
    await shop.ask(message(1))
    for minutes in (30, 0, 15, 0, 15, 0, 60):
        shop.restart()
        await shop.pass_minutes(minutes)
        shop.restart()
        await shop.send()
    assert [state for _, state in await shop.notices()] == ["sent"] * 4
    assert (len(shop.webhook.requests), len(shop.smtp.messages)) == (1, 1)


@pytest.mark.parametrize("why", ["unlinked", "breaker"])
async def test_without_whatsapp_the_next_step_is_taken_at_once(shop: Shop, why: str) -> None:
    if why == "unlinked":
        shop.whatsapp.unusable = "WhatsApp: logged_out"
    else:
        await shop.ledger.outbox().open_breaker(ACCOUNT, NOON + timedelta(days=1), "463")
    await shop.ask(message(1))
    await shop.pass_minutes(30)
    assert await shop.notices() == [
        ("owner", "skipped"),
        ("second", "skipped"),
        ("webhook", "sent"),
        ("email", "sent"),
    ]
    assert await shop.outbox() == []


async def test_a_notice_that_whatsapp_does_not_take_is_taken_back_in_two_minutes(
    shop: Shop,
) -> None:
    await shop.ask(message(1))
    await shop.pass_minutes(30)
    await shop.pass_minutes(1.9)
    assert len(await shop.outbox()) == 1
    await shop.pass_minutes(0.1)
    assert [row.state for row in await shop.outbox()] == ["cancelled", "approved"]
    shop.whatsapp.unusable = "WhatsApp: banned"
    await shop.pass_minutes(0.1)
    assert await shop.notices() == [
        ("owner", "skipped"),
        ("second", "skipped"),
        ("webhook", "sent"),
        ("email", "sent"),
    ]


@pytest.mark.parametrize("state", ["failed", "uncertain", "cancelled"])
async def test_a_notice_that_may_not_have_arrived_is_not_waited_for(shop: Shop, state: str) -> None:
    await shop.ask(message(1))
    await shop.pass_minutes(30)
    await shop.send(state)
    expected = "uncertain" if state == "uncertain" else "failed"
    assert await shop.notices() == [("owner", expected), ("second", "waiting")]


async def test_outside_a_surely_untold_one_is_tried_again_and_an_open_one_is_not(
    shop: Shop,
) -> None:
    shop.whatsapp.unusable = "no number is linked"
    shop.webhook.script(failing(503), Hang())
    shop.smtp.refusals["data"] = "554 no"
    await shop.ask(message(1))
    await shop.pass_minutes(30)
    assert (await shop.notices())[2:] == [("webhook", "waiting"), ("email", "failed")]
    await shop.pass_minutes(1)
    assert (await shop.notices())[2:] == [("webhook", "uncertain"), ("email", "failed")]
    for _ in range(3):
        await shop.pass_minutes(60)
    assert len(shop.webhook.requests) == 2
    first, second = shop.webhook.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


async def test_what_was_being_told_at_a_death_is_uncertain_and_not_told_again(shop: Shop) -> None:
    shop.whatsapp.unusable = "no number is linked"
    await shop.ask(message(1))
    await shop.stored.execute(
        "UPDATE escalations SET level = 3, next_at = NULL",
    )
    await shop.stored.execute(
        "INSERT INTO escalation_notices (escalation_id, target, state, sender, attempts)"
        " VALUES (1, 'email', 'sending', 'me', 0)"
    )
    shop.restart()
    running = asyncio.create_task(shop.escalations.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while ("email", "uncertain") not in await shop.notices():
            pass
    shop.escalations.stop()
    await running
    await shop.pass_minutes(60)
    assert await shop.notices() == [("email", "uncertain")]
    assert shop.smtp.messages == []


async def test_what_the_settings_no_longer_name_is_not_told(shop: Shop) -> None:
    shop.whatsapp.unusable = "no number is linked"
    shop.webhook.script(failing(503))
    await shop.ask(message(1))
    await shop.pass_minutes(30)
    channels = {Target.EMAIL: shop.ladder.channels[Target.EMAIL]}
    shop.ladder = replace(shop.ladder, channels=channels)
    shop.restart()
    await shop.pass_minutes(5)
    assert (await shop.notices())[2:] == [("webhook", "failed"), ("email", "sent")]
    assert len(shop.webhook.requests) == 1


async def test_the_night_does_not_count(shop: Shop) -> None:
    day_hours = BusinessHours(ALWAYS.zone, {day: [(9 * 60, 15 * 60 + 40)] for day in range(7)})
    shop.ladder = replace(shop.ladder, hours=day_hours)
    shop.restart()
    # Noon in UTC is 15:00 in Istanbul; at 15:30 the owner is notified, 15:40 the shop closes.
    await shop.ask(message(1))
    await shop.pass_minutes(30)
    await shop.send()
    await shop.pass_minutes(12 * 60)
    assert len(await shop.outbox()) == 1
    # 9:05 on the next morning.
    await shop.pass_minutes(5 * 60 + 35)
    assert len(await shop.outbox()) == 2


async def test_a_channel_that_fails_in_a_way_that_nobody_knows_costs_its_own_notice(
    shop: Shop,
) -> None:
    class Broken:
        async def deliver(self, alarm: Alarm) -> None:
            raise KeyError("smtp")

    shop.ladder = replace(shop.ladder, chats={})
    shop.ladder = replace(shop.ladder, channels={**shop.ladder.channels, Target.EMAIL: Broken()})
    shop.restart()
    await shop.ask(message(1, "Frenim tutmuyor!"))
    await shop.pass_minutes(30)
    rows = {row.target: row for row in await shop.stored.rows(_NOTICES)}
    assert (rows["email"].state, rows["email"].error) == ("failed", "internal error: KeyError")
    assert rows["webhook"].state != "failed"
