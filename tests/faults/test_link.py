"""A connection that drops and refuses, messages twice and late, a process that is suspended."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta

from izer_bridge.simulator import content
from tests.chaos.arena import Arena
from tests.end_to_end.stored import Store


async def test_connections_that_drop_in_a_burst(shop: Arena) -> None:
    bridge = await shop.started()
    for _ in range(3):
        await asyncio.gather(shop.burst(40), shop.whatsapp.drop())
    await shop.live(bridge)
    await shop.check()


async def test_a_server_that_refuses_in_a_burst(shop: Arena) -> None:
    bridge = await shop.started()
    network = shop.whatsapp.network
    network.is_refusing = True
    await asyncio.gather(shop.burst(40), shop.whatsapp.drop())
    await network.refused.wait()
    network.is_refusing = False
    await shop.live(bridge)
    await shop.check()


async def test_every_stanza_twice(shop: Arena) -> None:
    bridge = await shop.started()
    await shop.burst(30)
    for sent in shop.sent[-30:]:
        await shop.whatsapp.server.mailbox.repeat(sent.id)
    await shop.burst(10)
    await shop.live(bridge)
    await shop.check()


async def test_messages_that_come_late_are_put_in_their_place(shop: Arena) -> None:
    """WhatsApp delivers in any order; the context of a message is in the order of writing."""
    bridge = await shop.started()
    [ayse, *_] = shop.people
    mailbox = shop.whatsapp.server.mailbox
    mailbox.hold()
    words = [f"{number}. cümle" for number in range(6)]
    start = datetime.now(UTC) - timedelta(seconds=10)
    for number, one in enumerate(words):
        moment = start + timedelta(seconds=number)
        shop.sent.append(await shop.whatsapp.say(ayse, content.text(one), at=moment))
    await mailbox.release(reverse=True)
    await shop.live(bridge)
    await shop.check(in_order=False)
    last = await shop.whatsapp.say(ayse, content.text("Son söz"))
    shop.sent.append(last)
    await shop.live(bridge)
    store = Store(shop.store_url)
    [row] = [row for row in await store.messages() if row.message_id == last.id]
    context = await store.context(row.id)
    assert [one for one in context if one in words] == words


async def test_a_bridge_that_stands_still_and_goes_on(shop: Arena) -> None:
    bridge = await shop.started()
    await bridge.line("state=connected")
    bridge.signal(signal.SIGSTOP)
    await shop.burst(60)
    bridge.signal(signal.SIGCONT)
    await shop.live(bridge)
    await shop.check()


async def test_an_end_in_a_burst_leaves_nothing_half_done(shop: Arena) -> None:
    for _ in range(3):
        bridge = await shop.started()
        await bridge.line("state=connected")
        _, code = await asyncio.gather(shop.burst(80), bridge.stop())
        assert code == 0
    await shop.revived()
