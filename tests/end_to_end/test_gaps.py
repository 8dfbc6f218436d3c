"""Messages that do not arrive: noticed, reported, and withdrawn when they do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from izer_bridge.pipeline.store.gaps import GapRow, Gaps
from izer_bridge.simulator import content
from izer_bridge.simulator.history import OldMessage
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.end_to_end.http import get
from tests.end_to_end.stored import Store


@dataclass
class Shop:
    """A paired bridge and one customer who has written before."""

    whatsapp: Simulator
    bridge: BridgeProcess
    ayse: Person
    store_url: str

    async def gaps(self, *, closed_too: bool = False) -> list[GapRow]:
        async with Gaps(self.store_url) as gaps:
            return list(await gaps.list(closed_too=closed_too))

    async def restarted(self) -> None:
        """The bridge ends cleanly and starts again."""
        await self.bridge.stop()
        self.bridge.output = ""
        await self.bridge.start()
        await self.bridge.line("state=connected")

    async def open_in_health(self) -> int:
        _, health = await get(f"{await self.bridge.url()}/health")
        count: int = health["gaps"]["open"]
        return count


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    store_url = f"sqlite:///{tmp_path / 'store.db'}"
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp:
        environment = {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_STORE__URL": store_url,
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
        }
        async with BridgeProcess(whatsapp.command("run"), environment) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            ayse = whatsapp.contact("+905551112233", "Ayşe", lid="100000000000033")
            await whatsapp.acknowledged(await whatsapp.say(ayse, content.text("Merhaba")))
            await bridge.line("message_dispatched")
            yield Shop(whatsapp, bridge, ayse, store_url)


async def test_what_cannot_be_decrypted_is_missing_until_the_phone_sends_it_anew(
    shop: Shop,
) -> None:
    mailbox = shop.whatsapp.server.mailbox
    mailbox.garbled = 1
    mailbox.are_phones_online = False
    sent = await shop.whatsapp.say(shop.ayse, content.text("Frenim tutmuyor"))
    await shop.bridge.line(f"message_may_be_missing message_id={sent.id}")
    await mailbox.phones_come_online()
    await shop.bridge.printed(lambda output: output.count("message_dispatched") == 2, 30)
    [gap] = await shop.gaps(closed_too=True)
    assert (gap.message_id, gap.reason) == (sent.id, "undecryptable")
    assert gap.closed_at is not None
    assert await shop.open_in_health() == 0


async def test_it_stays_missing_without_the_phone_and_closes_by_history(shop: Shop) -> None:
    shop.whatsapp.server.mailbox.garbled = 1
    shop.whatsapp.server.mailbox.are_phones_online = False
    sent = await shop.whatsapp.say(shop.ayse, content.text("Frenim tutmuyor"))
    await shop.bridge.line(f"message_may_be_missing message_id={sent.id}")
    assert [one.message_id for one in await shop.gaps()] == [sent.id]
    assert await shop.open_in_health() == 1
    old = OldMessage(content.text("Frenim tutmuyor"), sent.sent_at, shop.ayse, sent.id)
    await shop.whatsapp.send_history({shop.ayse: [old]})
    await shop.bridge.line("from_history=1")
    assert await shop.open_in_health() == 0


async def test_fewer_messages_than_announced_are_said(shop: Shop) -> None:
    shop.whatsapp.server.mailbox.withheld = 2
    await shop.restarted()
    await shop.bridge.line("fewer_than_announced")
    [gap] = await shop.gaps()
    assert gap.detail == "WhatsApp announced 2 messages, 0 came"
    shop.whatsapp.server.mailbox.withheld = 0
    await shop.restarted()
    assert len(await shop.gaps()) == 1


async def test_a_message_that_comes_twice_is_not_missing(shop: Shop) -> None:
    sent = await shop.whatsapp.say(shop.ayse, content.text("İki kez"))
    await shop.bridge.printed(lambda output: output.count("message_dispatched") == 2, 30)
    await shop.whatsapp.server.mailbox.repeat(sent.id)
    await shop.whatsapp.say(shop.ayse, content.text("Sonra"))
    await shop.bridge.printed(lambda output: output.count("message_dispatched") == 3, 30)
    assert await shop.gaps(closed_too=True) == []
    assert "message_may_be_missing" not in shop.bridge.output


@pytest.mark.attack("ids of others, sent by a real client")
async def test_nobody_hides_under_anothers_id(shop: Shop) -> None:
    whatsapp = shop.whatsapp
    ali = whatsapp.contact("+905551112244", "Ali", lid="100000000000044")
    group = whatsapp.group("Tedarikçiler", [shop.ayse, ali])
    own = await whatsapp.say(whatsapp.phone, content.text("Hazır"), to=shop.ayse)
    await whatsapp.acknowledged(own)
    brake = await whatsapp.say(shop.ayse, content.text("Fren"), identifier=own.id)
    first = await whatsapp.say(shop.ayse, content.text("Biri"), to=group)
    await whatsapp.acknowledged(brake, first)
    other = await whatsapp.say(ali, content.text("Öteki"), to=group, identifier=first.id)
    last = await whatsapp.say(shop.ayse, content.text("Son"))
    await whatsapp.acknowledged(other, last)
    await shop.bridge.printed(lambda output: output.count("message_dispatched") == 3, 30)
    found = await Store(shop.store_url).rows("SELECT current_message FROM webhook_messages")
    said = sorted(row.current_message for row in found)
    assert said == sorted(["Merhaba", "Hazır", "Fren", "Biri", "Öteki", "Son"])


@pytest.mark.attack("what cannot be read, under the id of one of the shop's messages")
async def test_what_is_missing_under_the_shops_id_is_named(shop: Shop) -> None:
    whatsapp = shop.whatsapp
    own = await whatsapp.say(whatsapp.phone, content.text("Hazır"), to=shop.ayse)
    await whatsapp.acknowledged(own)
    whatsapp.server.mailbox.garbled = 1
    whatsapp.server.mailbox.are_phones_online = False
    await whatsapp.say(shop.ayse, content.text("Frenim tutmuyor"), identifier=own.id)
    await shop.bridge.line(f"message_may_be_missing message_id={own.id}")
    assert [one.message_id for one in await shop.gaps()] == [own.id]
