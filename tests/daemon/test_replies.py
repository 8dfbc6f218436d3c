"""Answers on the real client: what customers receive, and what never leaves the bridge."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.server import Outgoing
from izer_bridge.simulator.simulator import Sent, Simulator
from tests.daemon.http import get
from tests.daemon.stored import Store
from tests.servers.agent import AgentServer

ANSWER = {"reply": "Bisikletiniz hazır.", "confidence": 0.9}
_OUTBOX = "SELECT * FROM outbox ORDER BY id"
_LONGEST_SECONDS = 40


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
        """The outbox, once it is so."""
        async with asyncio.timeout(_LONGEST_SECONDS):
            while True:
                if holds(rows := await self.rows()):
                    return rows
                await asyncio.sleep(0.05)

    @property
    def received(self) -> list[Outgoing]:
        """What anybody but the owner's own phone got."""
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
            yield Shop(whatsapp, agent, store, bridge, customer, settings)


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
