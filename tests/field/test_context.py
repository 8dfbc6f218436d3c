"""What surrounds people's words, over the wire: quotations, adverts, edits, timers, greetings.

One bridge gets all of it, each case in its own chat.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ImageMessage, ProductMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.message import UNREADABLE_EDIT
from izer_bridge.simulator import around, content
from izer_bridge.simulator.history import Chunk, OldMessage
from izer_bridge.simulator.people import Group, Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.end_to_end.stored import Store
from tests.servers.agent import AgentServer

OWNER, VIP = "+905550000009", "+905550000077"
GREETING = "Hoş geldiniz! Size en kısa sürede dönüş yapacağız."
ADVERT = """
extendedTextMessage {
  text: ""
  contextInfo {
    conversionSource: "FB_Ads"
    externalAdReply {
      title: "Şehir bisikleti 28 jant - 12 taksit" body: "Kampanya ay sonuna kadar"
      mediaType: IMAGE sourceType: "ad" sourceID: "120200000000000001"
      sourceURL: "https://fb.me/abc" ctwaClid: "AfInvented"
    }
  }
}
"""
_WEEK = 604_800
_AROUND = """
SELECT message_id, context_info, is_automatic, last_error, chat_id, current_message
FROM webhook_messages
"""
_WAITING = """
SELECT m.message_id, e.state FROM escalations e
JOIN webhook_messages m ON m.id = e.webhook_message_id
"""
_AT_REST = ("skipped", "settled")


@dataclass
class Field:
    """A paired bridge that answers automatically after a burst, its people, and what they sent."""

    whatsapp: Simulator
    agent: AgentServer
    store: Store
    bridge: BridgeProcess
    sent: dict[str, Sent] = field(default_factory=dict)
    people: int = 0

    def customer(self, name: str, number: str = "", **how: Any) -> Person:
        self.people += 1
        number = number or f"+9055500002{self.people:02}"
        return self.whatsapp.contact(number, name, f"1000000000002{self.people:02}", **how)

    async def say(self, case: str, sender: Person, words: content.Content, **how: Any) -> Sent:
        sent = self.sent[case] = await self.whatsapp.say(sender, words, **how)
        return sent

    async def own(self, case: str, to: Person | Group, words: content.Content, **how: Any) -> Sent:
        return await self.say(case, self.whatsapp.phone, words, to=to, **how)

    async def until(self, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The rows by message id, once they match."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                rows = {row.message_id: row for row in await self.store.messages()}
                if holds(rows):
                    return rows
                await asyncio.sleep(0.1)

    async def at_rest(self) -> dict[str, Any]:
        """The rows, once everything that was sent is stored and worked."""
        ids = [one.id for one in self.sent.values()]

        def is_worked(rows: dict[str, Any]) -> bool:
            return all(one in rows and rows[one].state in _AT_REST for one in ids)

        return await self.until(is_worked)

    def asked_last(self, case: str) -> str:
        """The words of a message that the agent was given in the end."""
        messages = [body["message"] for body in self.agent.bodies]
        *_, last = [one for one in messages if one["message_id"] == self.sent[case].id]
        words: str = last["current_message"]
        return words

    def asked(self, case: str) -> dict[str, Any]:
        """What the agent was told about a message."""
        [body] = [
            body
            for body in self.agent.bodies
            if body["message"]["message_id"] == self.sent[case].id
        ]
        message: dict[str, Any] = body["message"]
        return message


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Field]:
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp, AgentServer() as agent:
        names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
        settings = {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_STORE__URL": f"sqlite:///{tmp_path / 'store.db'}",
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            "IZER_VIP__NUMBERS": json.dumps([VIP]),
            "IZER_GROUPS__CRITICAL": json.dumps(["Kasa"]),
            "IZER_ESCALATION__OWNER": OWNER,
            "IZER_WHATSAPP__AUTOMATIC_MESSAGES": json.dumps(["Şu an kapalıyız, {gün} görüşürüz."]),
            "IZER_REPLY__MODE": "send",
            "IZER_REPLY__BURST_SECONDS": "4",
            "IZER_REPLY__TYPING_SECONDS": "0",
            "IZER_REPLY__QUIET_FROM": "00:00",
            "IZER_REPLY__QUIET_UNTIL": "00:00",
            **{f"IZER_AGENTS__{name}__URL": agent.url for name in names},
        }
        whatsapp.contact(OWNER, "Patron")
        async with Database(settings["IZER_STORE__URL"]) as database:
            await migrate(database)
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            yield Field(whatsapp, agent, Store(settings["IZER_STORE__URL"]), bridge)


async def test_what_comes_around_the_words_is_understood(shop: Field) -> None:
    checks = [
        await _adverts_and_quotations(shop),
        await _mentions(shop),
        await _broadcast_list(shop),
        await _sealed_edits(shop),
        await _taking_back(shop),
        await _timers(shop),
        await _greetings(shop),
        await _reactions(shop),
    ]
    rows = await shop.at_rest()
    around_rows = {row.message_id: row for row in await shop.store.rows(_AROUND)}
    for check in checks:
        await check(rows, around_rows)
    assert not shop.bridge.has_ended


_Check = Callable[[dict[str, Any], dict[str, Any]], Any]


async def _adverts_and_quotations(shop: Field) -> _Check:
    lead, asker, buyer = (shop.customer(name) for name in ("Emre", "Selin", "Kaan"))
    await shop.say("03", lead, around.written(ADVERT))
    product = ProductMessage()
    product.product.title = "Yol bisikleti 54 kadro"
    of_shop = str(shop.whatsapp.phone.by_number)
    await shop.say(
        "18 product",
        asker,
        around.quoting(
            "Bu kaç para, hâlâ var mı?", "3EB0INVENTED1", of_shop, Body(productMessage=product)
        ),
    )
    status = ImageMessage(mimetype="image/jpeg", caption="Kask indirimi: bu hafta 1.290 TL")
    await shop.say(
        "18 status",
        asker,
        around.quoting(
            "Bundan siyah olanı ayırır mısınız?",
            "3AINVENTED2",
            of_shop,
            Body(imageMessage=status),
            "status@broadcast",
        ),
    )
    start = datetime.now(UTC) - timedelta(days=3)
    prices = [
        OldMessage(content.text(words), start + timedelta(seconds=place), None)
        for place, words in enumerate(("28 jant 9.900 TL", "26 jant 7.400 TL"))
    ]
    others = [
        OldMessage(content.text(f"eski {place}"), start + timedelta(minutes=place), buyer)
        for place in range(1, 25)
    ]
    await shop.whatsapp.send_history({buyer: [*prices, *others]}, Chunk.RECENT)
    await shop.until(lambda rows: prices[1].id in rows)
    forged = Body(conversation="26 jant 1 TL")
    await shop.say("30", buyer, around.quoting("Bundan alıyorum", prices[1].id, of_shop, forged))

    async def check(rows: dict[str, Any], _: Any) -> None:
        row = rows[shop.sent["03"].id]
        assert "Şehir bisikleti 28 jant - 12 taksit" in row.current_message
        assert row.state == "settled"
        assert shop.asked("03")["advert"]["link"] == "https://fb.me/abc"
        product, status = shop.asked("18 product")["quoted"], shop.asked("18 status")["quoted"]
        assert "Yol bisikleti 54 kadro" in product["content"]
        assert "Kask indirimi: bu hafta 1.290 TL" in status["content"]
        assert product["fromMe"]
        assert status["fromMe"]
        assert not product["isStored"]
        old = shop.asked("30")
        assert old["quoted"]["content"] == "26 jant 7.400 TL"
        assert old["quoted"]["fromMe"]
        assert old["quoted"]["isStored"]
        assert all("7.400" not in one["content"] for one in old["history"])

    return check


async def _mentions(shop: Field) -> _Check:
    here = shop.customer("Zeynep", addressed_by="lid")
    silent = shop.customer("Deniz", addressed_by="lid")
    group = shop.whatsapp.group("Kasa", [here, silent], [shop.whatsapp.phone])
    await shop.say("zeynep", here, content.text("Kasadayım."), to=group)
    asks = "@{} kasadaki iadeyi sen mi aldın, müşteri bekliyor"
    for case, who in (("17 known", here), ("17 silent", silent)):
        words = around.mentioning(asks.format(who.lid), [f"{who.lid}@lid"])
        await shop.say(case, silent if who is here else here, words, to=group)

    ours = shop.whatsapp.phone.by_lid
    words = around.mentioning(f"@{ours.user if ours else ''} bakar mı?", [str(ours)])
    await shop.say("17 shop", here, words, to=group)

    async def check(rows: dict[str, Any], _: Any) -> None:
        assert rows[shop.sent["17 shop"].id].current_message == "@siz bakar mı?"
        assert rows[shop.sent["17 known"].id].current_message == asks.format("Zeynep")
        silents = rows[shop.sent["17 silent"].id].current_message
        assert silents in (asks.format("Deniz"), asks.format(silent.number))
        assert shop.asked("17 known")["current_message"] == asks.format("Zeynep")
        written = json.dumps(shop.agent.bodies, ensure_ascii=False)
        assert not any(f"@{one.lid}" in written for one in (here, silent))

    return check


async def _broadcast_list(shop: Field) -> _Check:
    dealer = shop.customer("Bayi", addressed_by="lid")
    words = "Değerli bayimiz, yarından itibaren lastik fiyatlarına %15 zam gelecektir."
    shop.sent["16"] = await shop.whatsapp.to_broadcast_list(dealer, content.text(words))

    async def check(rows: dict[str, Any], _: Any) -> None:
        row = rows[shop.sent["16"].id]
        assert (row.chat_number, row.sender_number) == (dealer.number, dealer.number)
        assert (row.state, row.current_message) == ("settled", words)
        await _received(shop, dealer)

    return check


async def _received(shop: Field, person: Person) -> Body:
    """The reply that somebody got."""
    out = shop.whatsapp.server.outgoing

    def theirs() -> list[Body]:
        return [
            one.body
            for one in out
            if person.is_at(one.to) and not one.body.HasField("deviceSentMessage")
        ]

    await shop.whatsapp.server.wait_for(theirs, PATIENCE_SECONDS)
    return theirs()[0]


def _secret(sent: Sent) -> bytes:
    secret: bytes = sent.content.body.messageContextInfo.messageSecret
    return secret


async def _sealed_edits(shop: Field) -> _Check:
    by_lid = shop.customer("Ayşe", addressed_by="lid")
    by_number = shop.customer("Hakan")
    asked = "Yarın saat 15:00'te fren bakımı için geliyorum"
    new = "Yarın gelemiyorum, Cuma 11:00'e alabilir miyiz?"
    for who, author in ((by_lid, by_lid.by_lid), (by_number, by_number.by_number)):
        first = await shop.say(f"01 {who.name}", who, content.text(asked))
        edit = around.sealed_edit(first.id, _secret(first), str(author), new)
        await shop.say(f"01 edit {who.name}", who, edit)
    sealer = shop.customer("Nur")
    first = await shop.say("01 unread", sealer, content.text("28 jant var mı?"))
    await shop.say("edit", sealer, around.sealed_edit(first.id, b"x" * 32, "1@lid", "24 jant?"))
    member = shop.customer("Üye")
    group = shop.whatsapp.group("Servis", [member])
    first = await shop.say("01 group", member, content.text(asked), to=group)
    edit = around.sealed_edit(first.id, _secret(first), str(member.by_lid), new)
    await shop.say("01 edit group", member, edit, to=group)
    plain = shop.whatsapp.contact("+905550000288", "Numara")
    first = await shop.say("01 plain", plain, content.text(asked))
    edit = around.sealed_edit(first.id, _secret(first), str(plain.by_number), new)
    await shop.say("01 edit plain", plain, edit)
    stranger = shop.customer("Yabancı", addressed_by="lid_only")
    first = await shop.say("01 stranger", stranger, content.text(asked))
    edit = around.sealed_edit(first.id, _secret(first), str(stranger.by_lid), new)
    await shop.say("01 edit stranger", stranger, edit)
    told = shop.customer("Aslı", addressed_by="lid")
    shops = await shop.own("own", told, content.text("Fiyatı 9.900 TL"))
    owner = str(shop.whatsapp.phone.by_lid)
    words = around.sealed_edit(shops.id, _secret(shops), owner, "Fiyatı 8.900 TL")
    await shop.own("own edit", told, words)
    vip = shop.customer("Defne", VIP, addressed_by="lid")
    ago = datetime.now(UTC) - timedelta(days=1)
    older = await shop.own("37 older", vip, content.text("Pazartesi hazır olur."), at=ago)
    asked_at = datetime.now(UTC) - timedelta(minutes=3)
    await shop.say("37", vip, content.text("Frenim tutmuyor, ne zaman hazır?"), at=asked_at)
    words = around.sealed_edit(older.id, b"y" * 32, owner, "Salı hazır olur.")
    await shop.own("37 edit", vip, words)

    async def check(rows: dict[str, Any], around_rows: dict[str, Any]) -> None:
        for name in (by_lid.name, by_number.name, "group", "plain", "stranger"):
            assert rows[shop.sent[f"01 {name}"].id].edited_text == new
        assert rows[shop.sent["01 unread"].id].edited_text == UNREADABLE_EDIT
        assert rows[shop.sent["own"].id].edited_text == "Fiyatı 8.900 TL"
        assert rows[shop.sent["37 older"].id].edited_text == UNREADABLE_EDIT
        waiting = {row.message_id: row.state for row in await shop.store.rows(_WAITING)}
        assert waiting[shop.sent["37"].id] == "open"
        pauses = {row.chat_id for row in await shop.store.rows("SELECT chat_id FROM chat_pauses")}
        assert around_rows[shop.sent["37"].id].chat_id not in pauses
        replies = await shop.store.rows("SELECT * FROM outbox ORDER BY id")
        for case, answered in (("01 Ayşe", 1), ("01 Hakan", 1), ("01 unread", 0)):
            # The first words may have been answered before the edit arrived.
            own = [row for row in replies if row.quoted_id == shop.sent[case].id]
            withdrawn = [row for row in own if row.state == "cancelled"]
            assert {row.error for row in withdrawn} <= {"the message was edited or deleted"}
            assert len(own) - len(withdrawn) == answered, case
            assert shop.asked_last(case) == (new if answered else UNREADABLE_EDIT)

    return check


async def _taking_back(shop: Field) -> _Check:
    forger = shop.customer("Ozan", addressed_by="lid")
    price = await shop.own("27 price", forger, content.text("Toplam 12.500 TL"))
    await shop.say("27 a", forger, content.revoke(price.id, price.chat))
    edit = content.edit(price.id, price.chat, "Toplam 1 TL")
    await shop.say("27 edit", forger, edit)
    author, other, admin = (shop.customer(name) for name in ("Can", "Elif", "Şef"))
    group = shop.whatsapp.group("Tur", [author, other, admin], admins=[admin])
    kept = await shop.say("27 kept", author, content.text("Saat 9'da buluşuyoruz"), to=group)
    gone = await shop.say("27 gone", author, content.text("Saat 8'de buluşuyoruz"), to=group)
    own = await shop.say("27 own", author, content.text("Saat 7'de buluşuyoruz"), to=group)
    await shop.say("27 b", other, around.revoke_of(kept.id, group.jid, str(other.by_lid)), to=group)
    await shop.say(
        "27 c", other, around.revoke_of(kept.id, group.jid, str(author.by_lid)), to=group
    )
    await shop.say(
        "admin", admin, around.revoke_of(gone.id, group.jid, str(author.by_lid)), to=group
    )
    await shop.say("author", author, content.revoke(own.id, group.jid), to=group)
    await shop.at_rest()
    await shop.whatsapp.make_admin(group, other)
    await shop.say("later", other, content.text("Artık yönetici benim"), to=group)
    await shop.until(lambda rows: shop.sent["later"].id in rows)
    late = await shop.say("27 late", author, content.text("Saat 6'da"), to=group)
    words = around.revoke_of(late.id, group.jid, str(author.by_lid))
    await shop.say("no longer admin", admin, words, to=group)

    async def check(rows: dict[str, Any], around_rows: dict[str, Any]) -> None:
        for case in ("27 price", "27 kept", "27 late"):
            row = rows[shop.sent[case].id]
            assert (row.revoked_at, row.edited_text) == (None, None), case
        assert rows[shop.sent["27 gone"].id].revoked_at
        assert rows[shop.sent["27 own"].id].revoked_at
        for case in ("27 a", "27 edit", "27 b", "27 c", "no longer admin"):
            assert rows[shop.sent[case].id].skip_reason == "refused", case
            assert around_rows[shop.sent[case].id].last_error, case
        assert shop.bridge.output.count("reason=refused") == 5

    return check


async def _timers(shop: Field) -> _Check:
    asker, ender = (shop.customer(name, addressed_by="lid") for name in ("Ece", "Mert"))
    now = int(datetime.now(UTC).timestamp())
    words = "Merhaba, kaçta açıyorsunuz?"
    await shop.say("19", asker, around.disappearing(words, _WEEK, now - 3_600))
    await shop.say("on", ender, around.disappearing("Merhaba", _WEEK, now - 60))
    await shop.say("off", ender, around.timer_set(0, now - 5))
    await shop.say("19 off", ender, content.text(words))

    async def check(rows: dict[str, Any], _: Any) -> None:
        reply = (await _received(shop, asker)).extendedTextMessage
        assert reply.contextInfo.expiration == _WEEK
        plain = (await _received(shop, ender)).extendedTextMessage
        assert not plain.contextInfo.HasField("expiration")

    return check


async def _greetings(shop: Field) -> _Check:
    first, known, busy = (shop.customer(name) for name in ("İlk", "Bilinen", "Yoğun"))
    now = datetime.now(UTC)
    await shop.say("first", first, content.text("Kask var mı?"), at=now)
    at_once = now + timedelta(seconds=1)
    await shop.own("greeting", first, content.text(GREETING), at=at_once)
    await shop.say("known", known, content.text("Kask var mı?"), at=now - timedelta(seconds=20))
    away = content.text("Şu an kapalıyız, yarın sabah görüşürüz.")
    await shop.own("away", known, away, at=now)
    talk = content.text("Buyurun, hangi beden bakıyorsunuz?")
    await shop.own("talk", busy, talk, at=now - timedelta(minutes=5))
    await shop.say("busy", busy, content.text("M beden"), at=now - timedelta(seconds=1))
    persons = content.text("M beden var, ayırıyorum size.")
    await shop.own("person", busy, persons, at=now)

    async def check(rows: dict[str, Any], around_rows: dict[str, Any]) -> None:
        automatic = {case for case, one in shop.sent.items() if around_rows[one.id].is_automatic}
        assert automatic == {"greeting", "away"}
        await _received(shop, first)
        await _received(shop, known)
        chats = {row.chat_id for row in await shop.store.rows("SELECT chat_id FROM chat_pauses")}
        assert around_rows[shop.sent["person"].id].chat_id in chats
        assert around_rows[shop.sent["greeting"].id].chat_id not in chats

    return check


async def _reactions(shop: Field) -> _Check:
    agrees, undecided = (shop.customer(name) for name in ("Evet", "Belki"))
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    for who in (agrees, undecided):
        offer = await shop.own(who.name, who, content.text("Yarın 14:00 uyar mı?"), at=long_ago)
        await shop.say(f"thumb {who.name}", who, content.reaction(offer.id, offer.chat, "👍"))
        if who is undecided:
            await shop.say("gone", who, content.reaction(offer.id, offer.chat, ""))
        await shop.say(f"then {who.name}", who, content.text("Adresiniz neydi?"))

    async def check(rows: dict[str, Any], _: Any) -> None:
        said = [one["content"] for one in shop.asked("then Evet")["history"]]
        assert said == ["Yarın 14:00 uyar mı?", "👍"]
        said = [one["content"] for one in shop.asked("then Belki")["history"]]
        assert said == ["Yarın 14:00 uyar mı?"]

    return check
