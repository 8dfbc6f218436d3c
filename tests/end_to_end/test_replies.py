"""Replies on the real client: what customers receive, and what never leaves the bridge."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.server import Outgoing
from izer_bridge.simulator.simulator import Sent, Simulator
from tests.console.typed import typed_beside
from tests.end_to_end.http import get
from tests.end_to_end.scenario import after_reading
from tests.end_to_end.stored import Store
from tests.servers.agent import AgentServer
from tests.servers.loopback import as_json

ANSWER = {"reply": "Bisikletiniz hazır.", "confidence": 0.9}
_OUTBOX = "SELECT * FROM outbox ORDER BY id"


@dataclass
class Shop:
    """A paired bridge that may answer, an agent, and a customer."""

    whatsapp: Simulator
    agent: AgentServer
    store: Store
    bridge: BridgeProcess
    customer: Person
    environment: dict[str, str] = field(repr=False)

    async def ask(self, words: str = "Bisikletim hazır mı?") -> Sent:
        return await self.whatsapp.say(self.customer, content.text(words))

    async def rows(self) -> list[Any]:
        return await self.store.rows(_OUTBOX)

    async def until(self, holds: Callable[[list[Any]], object]) -> list[Any]:
        """The outbox, once it matches."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if holds(rows := await self.rows()):
                    return rows
                await asyncio.sleep(0.05)

    async def command(self, *arguments: str, code: int = 0) -> str:
        """The output of an operator's command."""
        said = await typed_beside(self.environment, *arguments)
        assert said.code == code
        return said.out

    @property
    def received(self) -> list[Outgoing]:
        """What anybody but the owner's own phone received."""
        sent = self.whatsapp.server.outgoing
        return [one for one in sent if not one.body.HasField("deviceSentMessage")]


def environment(whatsapp: Simulator, folder: Path, agent: AgentServer) -> dict[str, str]:
    names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
    return {
        **whatsapp.environment,
        "IZER_STATE_DIR": str(folder / "state"),
        "IZER_STORE__URL": f"sqlite:///{folder / 'store.db'}",
        "IZER_API__PORT": "0",
        "OPENAI_API_KEY": "",
        **{f"IZER_AGENTS__{name}__URL": agent.url for name in names},
        "IZER_REPLY__MODE": "send",
        "IZER_REPLY__BURST_SECONDS": "0",
        "IZER_REPLY__TYPING_SECONDS": "0.2",
        "IZER_REPLY__QUIET_FROM": "00:00",
        "IZER_REPLY__QUIET_UNTIL": "00:00",
    }


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp, AgentServer(ANSWER) as agent:
        customer = whatsapp.contact(
            "+905551112233", "Ayşe", lid="100000000000033", addressed_by="lid"
        )
        settings = environment(whatsapp, tmp_path, agent)
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            store = Store(settings["IZER_STORE__URL"])
            await made(store)
            yield Shop(whatsapp, agent, store, bridge, customer, settings)


def _has_dispatched(count: int, output: str) -> bool:
    return output.count("message_dispatched") >= count


async def made(store: Store) -> None:
    """Wait until the bridge has created its tables."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await store.rows("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
                return
            await asyncio.sleep(0.05)


async def test_a_customer_gets_one_quoted_answer_and_receipts_are_kept(shop: Shop) -> None:
    shop.whatsapp.server.reception.is_read = True
    asked = await shop.ask()
    [row] = await shop.until(lambda rows: rows and rows[-1].read_at)
    assert row.state == "sent"
    assert row.delivered_at
    assert row.server_at
    [received] = shop.received
    assert received.id == row.whatsapp_id
    part = received.body.extendedTextMessage
    assert (part.text, part.contextInfo.stanzaID) == (ANSWER["reply"], asked.id)
    assert shop.customer.is_at(received.to)
    stored = {one.message_id: one for one in await shop.store.messages()}
    own = stored[row.whatsapp_id]
    assert (own.origin, own.from_me, own.current_message) == ("sent", 1, ANSWER["reply"])
    assert own.chat_number == shop.customer.number
    typing = [one for one in shop.whatsapp.server.received if one.tag == "chatstate"]
    assert [one.children[0].tag for one in typing] == ["composing"]
    _, answer = await get(f"{await shop.bridge.url()}/stats")
    assert answer["success"]


async def test_a_person_who_writes_cancels_what_waits_and_pauses_the_chat(shop: Shop) -> None:
    """The reply waits for its burst to end when the owner answers on the phone."""
    await shop.bridge.stop()
    slow = shop.environment | {"IZER_REPLY__BURST_SECONDS": "300"}
    async with BridgeProcess(shop.whatsapp.command("run"), slow) as bridge:
        await bridge.line("state=connected")
        await shop.ask("Yarın açık mısınız?")
        await shop.until(lambda rows: rows and rows[0].state == "approved")
        own = content.text("Açığız.")
        at = after_reading()
        await shop.whatsapp.say(shop.whatsapp.phone, own, to=shop.customer, at=at)
        [row] = await shop.until(lambda rows: rows[0].state == "cancelled")
        assert row.error == "a person has answered"
        [paused] = json.loads(await shop.command("chat", "list", "--json"))
        assert (paused["chat"], paused["reason"]) == (shop.customer.number, "human")
        await shop.ask("Teşekkürler, kaça kadar?")
        rows = await shop.until(lambda rows: len(rows) == 2)
        assert rows[1].state == "cancelled"
        await bridge.stop()
    assert shop.received == []


async def test_what_agents_may_not_answer_is_kept_with_its_reason_and_not_sent(shop: Shop) -> None:
    wrong: dict[str, Any] = {
        "reply: HTML; expected plain text": {"reply": "<b>Merhaba</b>", "confidence": 0.9},
        "reply: expected a string": {"reply": ["Merhaba"], "confidence": 0.9},
        "to: an agent cannot choose the recipient": ANSWER | {"to": "+905559998877"},
        "reply: 20000 characters; at most 4096 are sent": {
            "reply": "x" * 20_000,
            "confidence": 0.9,
        },
        "reply: control characters; only line breaks and tabs are sent": {
            "reply": "Merhaba\u0007",
            "confidence": 0.9,
        },
        "confidence: expected a number from 0 to 1": {"reply": "Merhaba", "confidence": "high"},
        "needs_human: expected true or false": ANSWER | {"needs_human": "no"},
    }
    shop.agent.script(*map(as_json, wrong.values()))
    for number in range(1, len(wrong) + 1):
        await shop.ask(f"{number}. soru")
        await shop.bridge.printed(partial(_has_dispatched, number))
    rows = await shop.until(lambda rows: len(rows) == len(wrong))
    assert [row.error for row in rows] == [f"agent's answer: {why}" for why in wrong]
    assert {row.state for row in rows} == {"failed"}
    assert {row.proposed_text for row in rows} == {None}
    await shop.ask("Bu sefer doğru mu?")
    await shop.until(lambda rows: rows[-1].state == "sent")
    assert len(shop.received) == 1


async def test_refusals_in_two_chats_stop_sending_until_a_person_lets_it_go_on(
    shop: Shop,
) -> None:
    shop.whatsapp.server.reception.refused = 2
    await shop.ask()
    [row] = await shop.until(lambda rows: rows and rows[-1].state == "failed")
    assert "463" in row.error
    await shop.bridge.line("chat_limited")
    [paused] = json.loads(await shop.command("chat", "list", "--json"))
    assert (paused["chat"], paused["reason"]) == (shop.customer.number, "limited")
    assert "sending_stopped" not in shop.bridge.output
    shop.customer = shop.whatsapp.contact("+905551112244", "Veli", lid="100000000000044")
    await shop.ask()
    await shop.bridge.line("sending_stopped")
    url = await shop.bridge.url()
    _, health = await get(f"{url}/health")
    assert health["status"] == "degraded"
    assert health["sending"]["stopped_until"]
    await shop.ask("Ve yarın?")
    rows = await shop.until(lambda rows: len(rows) == 3)
    assert rows[-1].state == "draft"
    assert shop.received == []
    told = await shop.command("outbox", "resume")
    assert "goes on" in told
    await shop.ask("Peki bugün?")
    await shop.until(lambda rows: rows[-1].state == "sent")
    _, health = await get(f"{url}/health")
    assert health["sending"]["stopped_until"] is None


async def test_a_temporary_ban_stops_sending_for_as_long_as_whatsapp_says(shop: Shop) -> None:
    await shop.whatsapp.refuse(402, code="101", expire="7200")
    await shop.bridge.line("sending_stopped")
    [breaker] = await shop.store.rows("SELECT * FROM send_breakers")
    lasts = datetime.fromisoformat(breaker.open_until) - datetime.fromisoformat(breaker.opened_at)
    assert timedelta(hours=1) < lasts <= timedelta(hours=2)


async def test_a_burst_gets_one_answer_to_its_last_message(shop: Shop) -> None:
    shop.whatsapp.server.mailbox.hold()
    asked = [await shop.ask(words) for words in ("Merhaba", "Bisikletim", "hazır mı?")]
    await shop.whatsapp.server.mailbox.release()
    await shop.until(lambda rows: len(rows) == 3 and rows[-1].state == "sent")
    [received] = shop.received
    assert received.body.extendedTextMessage.contextInfo.stanzaID == asked[-1].id


async def test_what_was_on_the_wire_in_a_crash_is_uncertain_until_its_receipt_comes(
    shop: Shop,
) -> None:
    reception = shop.whatsapp.server.reception
    reception.unacknowledged, reception.is_receipted = 1, False
    await shop.ask()
    await shop.whatsapp.server.wait_for(lambda: shop.received, PATIENCE_SECONDS)
    await shop.bridge.kill()
    async with BridgeProcess(shop.whatsapp.command("run"), shop.environment) as again:
        await again.line("reply_uncertain")
        [row] = await shop.until(lambda rows: rows[0].state == "uncertain")
        assert row.whatsapp_id == shop.received[0].id
        listed = json.loads(await shop.command("outbox", "list", "--json"))
        assert [one["state"] for one in listed] == ["uncertain"]
        await again.line("state=connected")
        await shop.whatsapp.server.receipt(shop.customer.address, row.whatsapp_id)
        [row] = await shop.until(lambda rows: rows[0].state == "sent")
        assert row.delivered_at
        await again.stop()
    assert len(shop.received) == 1


async def test_a_chat_is_paused_and_resumed_by_hand(shop: Shop) -> None:
    await shop.ask()
    await shop.until(lambda rows: rows and rows[-1].state == "sent")
    await shop.command("chat", "pause", "0555 111 22 33", "--for", "2h")
    [paused] = json.loads(await shop.command("chat", "list", "--json"))
    assert (paused["chat"], paused["reason"]) == (shop.customer.number, "operator")
    await shop.ask("Duydunuz mu?")
    rows = await shop.until(lambda rows: len(rows) == 2)
    assert (rows[1].state, "paused" in rows[1].reason) == ("cancelled", True)
    await shop.command("chat", "resume", shop.customer.number)
    assert json.loads(await shop.command("chat", "list", "--json")) == []
    await shop.ask("Şimdi?")
    await shop.until(lambda rows: rows[-1].state == "sent" and len(rows) == 3)
    assert len(shop.received) == 2
