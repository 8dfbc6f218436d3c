"""What people and businesses really send, through a running bridge: each message as it is seen."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import CallLogMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.analysis import FOR_A_PERSON
from izer_bridge.pipeline.store.gaps import GapRow, Gaps
from izer_bridge.simulator import around, content, kinds
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.history import OldMessage
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import OWNER_LID, Sent, Simulator
from tests.end_to_end.stored import Store

PNG = b"\x89PNG\r\n\x1a\n"
CRACK = "Kadro çatlamış, garantiye girer mi?"
# 6 December 2026, 11:00 in Istanbul.
SUNDAY = 1_796_544_000


@dataclass
class Shop:
    """A linked bridge with a customer and a supplier."""

    whatsapp: Simulator
    bridge: BridgeProcess
    store: Store
    ayse: Person
    supplier: Person

    async def say(self, words: Content, sender: Person | None = None) -> Sent:
        sent = await self.whatsapp.say(sender or self.ayse, words)
        await self.whatsapp.acknowledged(sent)
        return sent

    async def row(self, message_id: str) -> Any:
        return {row.message_id: row for row in await self.store.messages()}[message_id]

    async def recorded(self, message_id: str) -> Any:
        """Its row, once there is one; what its chat's people sent before it is recorded then."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if found := [r for r in await self.store.messages() if r.message_id == message_id]:
                    return found[0]
                await asyncio.sleep(0.05)

    async def settled(self, *ids: str) -> list[Any]:
        """The rows of these; each is worked, and so is the next person's message."""
        told = [re.compile(rf"message_dispatched .*\bid={one}\b") for one in ids]
        await self.bridge.printed(lambda output: all(one.search(output) for one in told), 30)
        return [await self.row(one) for one in ids]

    async def next_is_settled(self) -> None:
        last = await self.say(content.text("Merhaba, kaçta açıyorsunuz?"), self.supplier)
        await self.settled(last.id)

    async def gaps(self) -> list[GapRow]:
        async with Gaps(self.store.url) as gaps:
            return list(await gaps.list())


@pytest.fixture
async def shop(store_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp:
        environment = {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_STORE__URL": store_url,
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            "IZER_REPLY__MODE": "draft",
        }
        async with BridgeProcess(whatsapp.command("run"), environment) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            ayse = whatsapp.contact("+905551112233", "Ayşe", "100000000000033", "lid")
            supplier = whatsapp.contact("+905551112266", "", verified_name="Parça Deposu A.Ş.")
            yield Shop(whatsapp, bridge, Store(store_url), ayse, supplier)


SAID = [
    kinds.event(
        "Grup sürüşü",
        "Kadıköy iskele",
        SUNDAY,
        "[etkinlik] Grup sürüşü – 06.12.2026 11:00 – 40.990000,29.030000 Kadıköy iskele",
    ),
    kinds.order(3, 4_299_500, "Bugün?", "[sipariş: 3 ürün, 4.299,50 TL] Bugün?"),
    kinds.flow_answer('{"id":"iade_talebi","display_text":"İade talebi"}', "İade talebi"),
    kinds.template("Kargoda", "Siparişiniz bugün kargoya verildi."),
    content.contact_card("Servisçi Hakan", "+90 555 999 88 77"),
    content.unknown(),
    content.image(PNG),
]


async def test_each_kind_is_a_message_with_its_words(shop: Shop) -> None:
    """Including a kind that no reader knows: it calls a person, and its raw form is kept."""
    sent = [await shop.say(words) for words in SAID]
    rows = await shop.settled(*(one.id for one in sent))
    assert [(row.kind, row.current_message) for row in rows] == [
        (words.kind, words.text) for words in SAID
    ]
    business = await shop.say(content.text("Ürünleriniz depomuza ulaşmıştır"), shop.supplier)
    [row] = await shop.settled(business.id)
    assert row.chat_name == "Parça Deposu A.Ş."
    [unread] = await shop.store.rows(
        "SELECT m.message_id, a.action_required, u.kind FROM webhook_messages m"
        " JOIN analytics_results a ON a.webhook_message_id = m.id"
        " JOIN unread_messages u ON u.webhook_message_id = m.id"
    )
    unknown = next(one.id for one in sent if one.content.kind == "unsupported")
    assert tuple(unread) == (unknown, True, "field 1000")


async def test_a_photo_and_its_better_version_are_one_message(shop: Shop) -> None:
    await shop.say(kinds.album(1))
    photo = await shop.say(content.image(PNG, CRACK))
    better = await shop.say(kinds.hd_photo(PNG + b"HD", CRACK, photo.id))
    [row] = await shop.settled(photo.id)
    assert (row.kind, row.current_message, row.skip_reason) == ("image", CRACK, None)
    await shop.next_is_settled()
    row = await shop.row(better.id)
    assert (row.kind, row.skip_reason, row.analyser) == ("protocol", "protocol", None)
    assert len(await shop.store.media()) == 1


async def test_what_only_the_phone_shows_is_a_line_and_a_gap(shop: Shop) -> None:
    masked = await shop.say(kinds.placeholder())
    once = await shop.whatsapp.withhold(shop.ayse)
    rows = await shop.settled(masked.id, once.id)
    assert [row.kind for row in rows] == ["phone_only", "phone_only"]
    assert "tek gösterimlik" in rows[1].current_message
    await shop.next_is_settled()
    gaps = {gap.message_id: gap for gap in await shop.gaps()}
    assert gaps.keys() == {masked.id, once.id}
    assert {gap.reason for gap in gaps.values()} == {"unavailable"}
    assert all("only the phone can show it" in gap.detail for gap in gaps.values())


async def test_a_withheld_message_that_the_phone_shares_takes_its_line(shop: Shop) -> None:
    once = await shop.whatsapp.withhold(shop.ayse)
    await shop.settled(once.id)
    old = OldMessage(content.text("Frenim tutmuyor"), datetime.now(UTC), shop.ayse, once.id)
    await shop.whatsapp.send_history({shop.ayse: [old]})
    await shop.bridge.line("from_history=1")
    row = await shop.row(once.id)
    assert (row.kind, row.current_message) == ("text", "Frenim tutmuyor")
    assert await shop.gaps() == []


async def test_a_vote_says_for_what_it_is(shop: Shop) -> None:
    """In the shop's own poll, and in a customer's; an answer to an event is shown as well."""
    poll = content.poll("Hangi gün?", ["Cumartesi", "Pazar"])
    ours = await shop.whatsapp.say(shop.whatsapp.phone, poll, to=shop.ayse)
    theirs = await shop.say(content.poll("Saat?", ["9", "10"]))
    tour = await shop.say(kinds.event("Tur", "Moda", SUNDAY, ""))
    own, ayse = f"{OWNER_LID}@lid", str(shop.ayse.address)
    answers = [
        kinds.vote(poll, ours.id, own, ayse, ["Pazar"]),
        kinds.vote(theirs.content, theirs.id, ayse, ayse, ["9", "10"]),
        kinds.event_answer(tour.content, tour.id, ayse, ayse),
        kinds.vote(poll, ours.id, own, ayse, []),
    ]
    sent = [await shop.say(one) for one in answers]
    await shop.next_is_settled()
    rows = [await shop.row(one.id) for one in sent]
    assert [(row.kind, row.current_message) for row in rows] == [
        ("reaction", one.text) for one in answers
    ]


async def test_a_call_that_nobody_took_calls_a_person(shop: Shop) -> None:
    """A call that another device took is not missed, and neither is one that still rings."""
    missed = await shop.whatsapp.call(shop.ayse, is_video=True)
    await shop.whatsapp.signal_call(shop.ayse, missed, "terminate", reason="timeout")
    taken = await shop.whatsapp.call(shop.supplier)
    await shop.whatsapp.signal_call(shop.supplier, taken, "terminate", reason="accepted_elsewhere")
    ringing = await shop.whatsapp.call(shop.supplier)
    [row] = await shop.settled(missed)
    assert (row.kind, row.current_message) == ("call", "[cevapsız görüntülü arama]")
    assert row.chat_number == shop.ayse.number
    [(action,)] = await shop.store.rows("SELECT action_required FROM analytics_results")
    assert action
    # The supplier's calls are of another chat than the missed one, and so in no order with it.
    still = await shop.recorded(ringing)
    row = await shop.row(taken)
    assert (row.kind, row.skip_reason) == ("protocol", "protocol")
    assert (still.state, still.next_attempt_at is None) == ("recorded", False)
    await shop.whatsapp.signal_call(shop.supplier, ringing, "terminate")
    await shop.settled(ringing)
    log = Body()
    log.callLogMesssage.isVideo, log.callLogMesssage.callOutcome = True, CallLogMessage.MISSED
    await shop.say(content.raw(log.SerializeToString()))
    await shop.next_is_settled()
    calls = [one for one in await shop.store.messages() if one.kind == "call"]
    assert [one.message_id for one in calls] == [missed, ringing]


async def test_words_that_are_edited_are_judged_again(shop: Shop) -> None:
    """The old words' draft is withdrawn; if nobody can read the new ones, a person must."""
    photo = await shop.say(content.image(PNG, "Kadrom böyle"))
    await shop.settled(photo.id)
    edit = content.edit(photo.id, photo.chat, "")
    edited = edit.body.editedMessage.message.protocolMessage.editedMessage
    edited.imageMessage.caption = CRACK
    await shop.say(edit)
    asked = await shop.say(content.text("Servisten çıktı mı bisikletim?"), shop.supplier)
    await shop.settled(asked.id)
    sealed = around.sealed_edit(asked.id, b"x" * 32, "1@lid", "Vazgeçtim")
    await shop.say(sealed, shop.supplier)
    await shop.bridge.printed(lambda output: output.count("event=message_dispatched") == 4)
    row = await shop.row(photo.id)
    assert (row.kind, row.edited_text, row.state) == ("image", CRACK, "settled")
    assert row.urgency_score >= 8
    assert (await shop.row(asked.id)).urgency_score == FOR_A_PERSON
    waiting = await shop.store.rows("SELECT webhook_message_id, why FROM escalations")
    assert [tuple(one) for one in waiting] == [(row.id, "danger")]
    drafts = await shop.store.rows("SELECT quoted_id, state, danger FROM outbox ORDER BY id")
    # Chats are worked side by side.
    assert [tuple(one)[1:] for one in drafts if one.quoted_id == photo.id] == [
        ("lapsed", None),
        ("draft", "ride"),
    ]
    assert [tuple(one)[1:] for one in drafts if one.quoted_id == asked.id] == [("lapsed", None)]


async def test_what_asks_for_nothing_calls_nobody_and_a_vote_that_is_sealed_does(
    shop: Shop,
) -> None:
    """For a poll from before the link there is no secret; the phone shows the vote all the same."""
    sticker = await shop.say(content.sticker(b"RIFF"))
    poll = content.poll("Hangi gün?", ["Cumartesi"])
    sealed = kinds.vote(poll, "3EB0BEFORE", "1@lid", str(shop.ayse.address), ["Cumartesi"])
    vote = await shop.say(sealed)
    await shop.settled(sticker.id, vote.id)
    row = await shop.row(vote.id)
    text = "[anket oyu: yalnızca telefonda görülebilir]"
    assert (row.kind, row.current_message) == ("phone_only", text)
    assert [gap.message_id for gap in await shop.gaps()] == [vote.id]
    called = await shop.store.rows(
        "SELECT m.message_id, a.action_required FROM analytics_results a"
        " JOIN webhook_messages m ON m.id = a.webhook_message_id ORDER BY m.id"
    )
    assert [tuple(one) for one in called] == [(sticker.id, False), (vote.id, True)]
    assert await shop.store.rows("SELECT id FROM outbox") == []
