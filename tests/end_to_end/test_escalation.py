"""The escalation ladder on the real client, an SMTP server and a webhook; restarts and kills.

Time passes by moving the store's times back: nobody waits for it.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.console.typed import typed_beside
from tests.end_to_end.http import get
from tests.end_to_end.stored import Store
from tests.escalation.test_alarm_webhook import SECRET
from tests.servers.loopback import Hang, Loopback, as_json
from tests.servers.smtp import SmtpServer

OWNER, SECOND, VIP = "+905550000009", "+905550000008", "+905551112233"
ALL_DAY = json.dumps(["00:00-24:00"])
WORDS = "Siparişim gelmedi, yarın yarışım var!"
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_NOTICES = "SELECT target, state FROM escalation_notices ORDER BY id"
_LOOK_SECONDS = 0.05


@dataclass
class Shop:
    """A paired bridge with everybody whom it may notify."""

    whatsapp: Simulator
    webhook: Loopback
    smtp: SmtpServer
    folder: Path
    people: dict[str, Person]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return Store(self.settings["IZER_STORE__URL"])

    def bridge(self) -> BridgeProcess:
        return BridgeProcess(self.whatsapp.command("run"), self.settings)

    async def asked(self, minutes_ago: int = 60) -> None:
        """The VIP wrote this long ago, and nobody has answered."""
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        await self.whatsapp.say(self.people[VIP], content.text(WORDS), at=at)

    async def pass_step(self) -> None:
        await self.store.execute("UPDATE escalations SET next_at = '2026-01-01' WHERE next_at > 0")

    async def notices(self, expected: list[tuple[str, str]]) -> None:
        """Wait until exactly these notices were sent, or not."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = [tuple(row) for row in await self.store.rows(_NOTICES)]
                if found == expected:
                    return
                await asyncio.sleep(_LOOK_SECONDS)

    def told(self, number: str) -> list[str]:
        letters = self.whatsapp.server.outgoing
        return [
            one.body.extendedTextMessage.text
            for one in letters
            if self.people[number].is_at(one.to) and not one.body.HasField("deviceSentMessage")
        ]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "whatsapp").mkdir()
    async with (
        Simulator(tmp_path / "whatsapp") as whatsapp,
        Loopback("/alarm", lambda _: as_json({})) as webhook,
        SmtpServer("right") as smtp,
    ):
        people = {
            number: whatsapp.contact(number, name, f"10000000000000{place}", addressed_by="lid")
            for place, (number, name) in enumerate(
                {OWNER: "Patron", SECOND: "Usta", VIP: "Ayşe Yılmaz"}.items()
            )
        }
        shop = Shop(whatsapp, webhook, smtp, tmp_path, people)
        shop.settings = {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_STORE__URL": f"sqlite:///{tmp_path / 'store.db'}",
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            "IZER_VIP__NUMBERS": json.dumps([VIP]),
            "IZER_REPLY__TYPING_SECONDS": "0",
            "IZER_ESCALATION__OWNER": OWNER,
            "IZER_ESCALATION__SECOND": SECOND,
            "IZER_ESCALATION__WEBHOOK_URL": f"{webhook.url}/alarm",
            "IZER_ESCALATION__EMAIL__TO": json.dumps(["owner@shop.example"]),
            "IZER_ESCALATION__EMAIL__SENDER": "bridge@shop.example",
            "IZER_ESCALATION__EMAIL__HOST": "127.0.0.1",
            "IZER_ESCALATION__EMAIL__PORT": str(smtp.port),
            "IZER_ESCALATION__EMAIL__SECURITY": "none",
            "IZER_ESCALATION__EMAIL__USER": "bridge",
            "SMTP_PASSWORD": "right",
            "ESCALATION_WEBHOOK_SECRET": SECRET,
            **{f"IZER_BUSINESS_HOURS__{day}": ALL_DAY for day in _DAYS},
        }
        async with Database(shop.settings["IZER_STORE__URL"]) as database:
            await migrate(database)
        yield shop


async def pair(shop: Shop, bridge: BridgeProcess) -> None:
    await shop.whatsapp.scan(await bridge.code())
    await bridge.line("state=connected")


async def escalations(shop: Shop, *arguments: str) -> tuple[int, str]:
    said = await typed_beside(shop.settings, "escalations", *arguments)
    return said.code, said.out + said.err


async def test_owner_then_second_then_outside_with_a_restart_before_each(shop: Shop) -> None:
    async with shop.bridge() as bridge:
        await pair(shop, bridge)
        await shop.asked()
        await shop.notices([("owner", "sent")])
        [told] = shop.told(OWNER)
        assert "VIP müşteri 60 dakikadır yanıt bekliyor: +905551112233 «Ayşe Yılmaz»" in told
        assert f"«{WORDS}»" in told
        assert "https://wa.me/905551112233" in told
        _, answer = await get(f"{await bridge.url()}/stats")
        assert answer["stats"]["escalations"]["owner"] == 1
        assert await bridge.stop() == 0
    await shop.pass_step()
    async with shop.bridge() as bridge:
        await shop.notices([("owner", "sent"), ("second", "sent")])
        await bridge.kill()
    await shop.pass_step()
    async with shop.bridge() as bridge:
        told_outside = [("webhook", "sent"), ("email", "sent")]
        await shop.notices([("owner", "sent"), ("second", "sent"), *told_outside])
        code, out = await escalations(shop, "list", "--json")
        [listed] = json.loads(out)
        assert (code, listed["level"], len(listed["told"])) == (0, "outside", 4)
        code, out = await escalations(shop, "close", "7")
        assert (code, "no open escalation has the id 7" in out) == (2, True)
        assert await escalations(shop, "close", "1") == (0, "1 closed.\n")
        assert await bridge.stop() == 0
    assert (len(shop.told(OWNER)), len(shop.told(SECOND))) == (1, 1)
    [request], [mail] = shop.webhook.requests, shop.smtp.messages
    event: Any = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert event["data"]["chat"] == "Ayşe Yılmaz"
    assert "Ayşe Yılmaz" in mail["Subject"]
    assert WORDS not in bridge.output


async def test_an_answer_from_the_phone_ends_it_and_the_next_message_begins_anew(
    shop: Shop,
) -> None:
    async with shop.bridge() as bridge:
        await pair(shop, bridge)
        await shop.asked()
        await shop.notices([("owner", "sent")])
        vip = shop.people[VIP]
        answer = content.text("Hemen bakıyoruz")
        sent = await shop.whatsapp.say(shop.whatsapp.phone, answer, to=vip)
        await shop.whatsapp.acknowledged(sent)
        await shop.pass_step()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                [row] = await shop.store.rows("SELECT state FROM escalations")
                if row.state == "answered":
                    break
                await asyncio.sleep(_LOOK_SECONDS)
        await shop.notices([("owner", "sent")])
        assert shop.told(SECOND) == []
        await shop.asked(0)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(await shop.store.rows("SELECT id FROM escalations")) < 2:
                pass
        await shop.pass_step()
        await shop.notices([("owner", "sent"), ("owner", "sent")])


async def test_without_whatsapp_it_goes_outside_at_once_and_a_kill_leaves_it_uncertain(
    shop: Shop,
) -> None:
    shop.webhook.script(Hang())
    async with shop.bridge() as bridge:
        await pair(shop, bridge)
        await shop.asked(0)
        await bridge.line("message_dispatched")
        await shop.whatsapp.log_out()
        await bridge.line("state=scan_qr_code")
        await shop.pass_step()
        skipped = [("owner", "skipped"), ("second", "skipped")]
        await shop.notices([*skipped, ("webhook", "sending"), ("email", "sent")])
        await shop.webhook.wait_for(1)
        await bridge.kill()
    async with shop.bridge() as bridge:
        await bridge.line("escalation_notices_uncertain")
        await shop.notices([*skipped, ("webhook", "uncertain"), ("email", "sent")])
        assert await bridge.stop() == 0
    assert (len(shop.webhook.requests), len(shop.smtp.messages)) == (1, 1)
    assert shop.told(OWNER) == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("IZER_SHOP__TIME_ZONE", "Europe/Izmir", "shop.time_zone"),
        ("IZER_BUSINESS_HOURS__MONDAY", '["09:00-25:00"]', "business_hours.monday"),
        ("IZER_ESCALATION__EMAIL__TO", '["owner"]', "expected an e-mail address"),
        ("ESCALATION_WEBHOOK_SECRET", "", "there is no secret escalation_webhook_secret"),
        ("ESCALATION_WEBHOOK_SECRET", "x", "the secret escalation_webhook_secret must be whsec_"),
        ("SMTP_PASSWORD", "", "escalation.email.user needs a password"),
    ],
)
async def test_what_is_wrong_ends_the_start_with_one_line(
    shop: Shop, variable: str, value: str, said: str
) -> None:
    shop.settings[variable] = value
    async with shop.bridge() as bridge:
        assert await bridge.ended() == 78
    assert said in bridge.output
    assert len([line for line in bridge.output.splitlines() if "izer-bridge:" in line]) == 1
    assert "Traceback" not in bridge.output
