"""Faults of network and process for the stock client, and the simulator's reaction."""

import asyncio
import signal
from datetime import UTC, datetime

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.simulator.simulator import Simulator
from tests.simulator.client import Client

AYSE, AYSE_LID = "+905551112233", "100000000000033"
BURST = 200
LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

KINDS = [
    (content.extended_text("Bu mu?", "3EB0AAAAAAAAAAAAAAAAAA"), "extendedTextMessage"),
    (content.video(b"movie", "ses"), "videoMessage"),
    (content.audio(b"ID3"), "audioMessage"),
    (content.sticker(b"RIFF"), "stickerMessage"),
    (content.location(41.0, 29.0, "Kadıköy"), "locationMessage"),
    (content.live_location(41.0, 29.0, "geliyorum"), "liveLocationMessage"),
    (content.contact_card("Jonas", "+4915550100299"), "contactMessage"),
    (content.poll("Hangi renk?", ["kırmızı", "mavi"]), "pollCreationMessageV3"),
    (content.reaction("3EB0AAAAAAAAAAAAAAAAAA", AYSE_LID, "👍"), "reactionMessage"),
    (content.edit("3EB0AAAAAAAAAAAAAAAAAA", AYSE_LID, "yeni"), "protocolMessage"),
    (content.revoke("3EB0AAAAAAAAAAAAAAAAAA", AYSE_LID), "protocolMessage"),
    (content.empty(), "conversation"),
]


async def test_every_kind_arrives_and_is_acknowledged(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe", AYSE_LID)
    for words, part in KINDS:
        sent = await whatsapp.say(ayse, words)
        assert part in (await client.event("message", id=sent.id))["fields"]
        await whatsapp.acknowledged(sent)
    for sent in (
        await whatsapp.status(ayse, content.text("Tatildeyiz")),
        await whatsapp.newsletter(content.text("Bülten")),
    ):
        await client.event("message", id=sent.id)
        await whatsapp.acknowledged(sent)


async def test_what_was_delivered_to_a_dead_process_is_delivered_again(
    whatsapp: Simulator, client: Client
) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    first = await whatsapp.say(ayse, content.text("merhaba"))
    await whatsapp.acknowledged(first)
    client.signal(signal.SIGSTOP)
    lost = await whatsapp.say(ayse, content.text("acil"))
    assert lost.delivery.attempts == 1
    await client.kill()
    assert whatsapp.server.mailbox.unacknowledged == [lost.delivery]
    await client.start()
    assert (await client.event("message"))["id"] == lost.id
    await whatsapp.acknowledged(lost)
    assert lost.delivery.attempts == 2
    assert whatsapp.server.mailbox.unacknowledged == []


async def test_a_burst_arrives_whole_and_in_order(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe", AYSE_LID)
    burst = [content.text(str(number)) for number in range(BURST)]
    sent = await asyncio.gather(*(whatsapp.say(ayse, words) for words in burst))
    arrived = [(await client.event("message"))["text"] for _ in sent]
    assert arrived == [words.text for words in burst]
    await whatsapp.acknowledged(*sent)


async def test_a_refusing_network_is_outlasted(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    whatsapp.network.is_refusing = True
    await whatsapp.drop()
    sent = await whatsapp.say(ayse, content.text("merhaba"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await whatsapp.network.refused.wait()
    assert whatsapp.server.mailbox.unacknowledged == [sent.delivery]
    whatsapp.network.is_refusing = False
    await client.event("message", id=sent.id)
    await whatsapp.acknowledged(sent)


async def test_a_slow_network_delays_what_the_client_reads(
    whatsapp: Simulator, client: Client
) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    whatsapp.network.delay_seconds = 0.2
    sent = await whatsapp.say(ayse, content.text("merhaba"))
    await whatsapp.acknowledged(sent)
    taken = sent.delivery.acknowledged_ns - sent.delivery.delivered_ns
    assert taken >= 0.2 * 1_000_000_000


async def test_a_message_bears_the_time_it_was_given(whatsapp: Simulator, client: Client) -> None:
    await client.pair()
    ayse = whatsapp.contact(AYSE, "Ayşe")
    sent = await whatsapp.say(ayse, content.text("eski"), at=LONG_AGO)
    event = await client.event("message", id=sent.id)
    assert event["at_ms"] == LONG_AGO.timestamp() * 1000
