"""A brake that has failed, on the real client: who is warned, for how long, and who is called."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.agents.safety_words import warning
from izer_bridge.domain.danger import Danger
from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.end_to_end.http import get
from tests.end_to_end.stored import Store
from tests.end_to_end.test_replies import Shop, environment, made
from tests.servers.agent import AgentServer

KNOWLEDGE = Path(__file__).parents[2] / "docs" / "knowledge"
RIDE = warning([Danger.RIDE], "tr").split("\n")[0]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Sends the built-in agents' answers; nobody is configured to be notified."""
    (tmp_path / "whatsapp").mkdir()
    async with Simulator(tmp_path / "whatsapp") as whatsapp, AgentServer() as unused:
        given = environment(whatsapp, tmp_path, unused)
        settings = {name: one for name, one in given.items() if "IZER_AGENTS__" not in name} | {
            "IZER_AGENTS_BUILTIN__KNOWLEDGE_DIR": str(KNOWLEDGE),
            # The agent that knows the opening hours gets everything, so that its answers are
            # certainly sent.
            "IZER_ROUTING__RULES": json.dumps([{"agent": "general_purpose"}]),
            "IZER_REPLY__HUMAN_PAUSE_MINUTES": "0",
            "IZER_REPLY__TYPING_SECONDS": "0",
        }
        customer = whatsapp.contact("+905551112233", "Ayşe", "100000000000033", addressed_by="lid")
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            store = Store(settings["IZER_STORE__URL"])
            await made(store)
            yield Shop(whatsapp, unused, store, bridge, customer, settings)


async def test_each_message_says_not_to_ride_first_until_a_person_has_answered(shop: Shop) -> None:
    """Brake; twelve seconds later the invoice; ten minutes later the hours."""
    brake = datetime.now(UTC) - timedelta(minutes=11)

    async def hear(words: str, seconds: int, number: int) -> Any:
        """What became of the answer to the `number`-th message."""
        said = content.text(words)
        await shop.whatsapp.say(shop.customer, said, at=brake + timedelta(seconds=seconds))
        rows = await shop.until(lambda rows: len(rows) == number and rows[-1].state in _SETTLED)
        return rows[-1]

    first = await hear("Frenim tutmuyor", 0, 1)
    assert (first.state, first.danger) == ("sent", "ride")
    await hear("fatura da lazım", 12, 2)
    hours = await hear("Kaçta kapatıyorsunuz?", 600, 3)
    # The invoice question, still waiting for a person, waits beside it.
    assert hours.state == "draft"
    assert "19.00" in hours.proposed_text
    assert "fatura" in hours.proposed_text
    rows = await shop.rows()
    assert all(row.proposed_text.startswith(f"{RIDE}\n") for row in rows)
    texts = [one.body.extendedTextMessage.text for one in shop.received]
    assert texts
    assert all(text.startswith(f"{RIDE}\n") for text in texts)

    url = await shop.bridge.url()
    assert (await get(f"{url}/health"))[1]["danger"] == {"open": 1}
    [waiting] = json.loads(await shop.command("escalations", "list", "--json"))
    assert (waiting["why"], waiting["chat_name"], waiting["state"]) == ("danger", "Ayşe", "open")
    assert "Ayşe has reported danger" in await shop.command("status", "--once", code=1)

    answer = content.text("Binmeyin, aldırıyorum")
    phone, at = shop.whatsapp.phone, brake + timedelta(seconds=630)
    await shop.whatsapp.say(phone, answer, to=shop.customer, at=at)
    last = await hear("Cumartesi kaçta kapatıyorsunuz?", 660, 4)
    assert (last.state, RIDE in last.proposed_text) == ("sent", False)
    assert (await get(f"{url}/health"))[1]["danger"] == {"open": 0}


_SETTLED = ("sent", "draft")
