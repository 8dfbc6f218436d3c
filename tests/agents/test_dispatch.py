"""Messages whose agents are down, refuse or answer nonsense; on a real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.agents.limits import GuardedAgent, Limits
from izer_bridge.agents.process_schema import ProcessRequest
from izer_bridge.agents.routing import Rule
from izer_bridge.analysis.analyse import Analysing
from izer_bridge.analysis.budget import Spending
from izer_bridge.domain.cost import NO_BUDGET
from izer_bridge.domain.idempotency import idempotency_key
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.host.clock import Clock
from izer_bridge.pipeline.signals import WorkSignals
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.worker import Steps, Worker
from tests.end_to_end.stored import Store
from tests.servers.agent import AgentServer, failing
from tests.servers.loopback import Raw
from tests.store.messages import message

CLOCK = Clock(now=lambda: datetime.now(UTC), milliseconds=lambda: 0.0, chance=lambda: 0.0)


@dataclass
class Desk:
    """A worker on a store with two agents, `chef` by rule and `hub` for when it is down."""

    ledger: SqlLedger
    stored: Store
    chef: AgentServer
    hub: AgentServer
    session: aiohttp.ClientSession

    @asynccontextmanager
    async def working(self, when_down: str) -> AsyncIterator[asyncio.Semaphore]:
        """The semaphore is released for each settled message."""
        agents = {
            name: GuardedAgent(
                name,
                HttpAgent(name, server.url, self.session),
                Limits(breaker_failures=2),
                CLOCK.milliseconds,
            )
            for name, server in (("chef", self.chef), ("hub", self.hub))
        }
        spending = Spending(self.ledger, None, NO_BUDGET, CLOCK.now)
        steps = Steps([Rule("chef")], agents, Analysing(None, "", spending), when_down)
        rested = asyncio.Semaphore(0)
        signals = WorkSignals(rested=lambda _: rested.release())
        worker = Worker(self.ledger, steps, CLOCK, 1, signals)
        running = asyncio.create_task(worker.run())
        yield rested
        worker.stop()
        await running

    async def come_to_rest(self, count: int, when_down: str = "") -> None:
        """Record `count` messages from different people, and work each once."""
        chats = [Jid.parse(f"9055511100{number:02d}@s.whatsapp.net") for number in range(count)]
        await self.ledger.record([message(n, chat=chat) for n, chat in enumerate(chats)])
        async with self.working(when_down) as rested:
            for _ in chats:
                await rested.acquire()

    async def rows(self) -> list[tuple[str, str | None]]:
        return [(row.state, row.last_error) for row in await self.stored.messages()]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    ledger = SqlLedger(url, Screening(ImportanceRules.of([], []), False), "me")
    await ledger.open()
    async with AgentServer() as chef, AgentServer() as hub, aiohttp.ClientSession() as session:
        yield Desk(ledger, Store(url), chef, hub, session)
    await ledger.close()


async def test_the_body_is_the_contract(desk: Desk) -> None:
    before = datetime.now(UTC)
    await desk.come_to_rest(1)
    [request] = desk.chef.requests
    key = idempotency_key(message(0, chat=Jid.parse("905551110000@s.whatsapp.net")))
    assert request.headers["Idempotency-Key"] == key
    ProcessRequest.model_validate(request.json)
    assert request.json["idempotency_key"] == key
    assert before < datetime.fromisoformat(request.json["deadline"])
    assert request.json.keys() >= {"message", "analysis", "routing_info"}
    assert await desk.rows() == [("settled", None)]


async def test_an_open_breaker_lets_messages_wait_without_a_call(desk: Desk) -> None:
    desk.chef.script(failing(503), failing(503))
    await desk.come_to_rest(4)
    assert len(desk.chef.requests) == 2
    assert desk.hub.requests == []
    rows = await desk.stored.messages()
    assert [row.state for row in rows] == ["analysed"] * 4
    assert [row.attempts for row in rows] == [1, 1, 0, 0]
    assert all(
        "chef is not called: it failed 2 times in a row" in row.last_error for row in rows[2:]
    )
    assert all(row.next_attempt_at is not None for row in rows)
    assert len(await desk.stored.attempts()) == 2


async def test_another_agent_stands_in_while_one_is_down(desk: Desk) -> None:
    desk.chef.script(failing(503), failing(503))
    await desk.come_to_rest(3, when_down="hub")
    assert (len(desk.chef.requests), len(desk.hub.requests)) == (2, 1)
    assert [state for state, _ in await desk.rows()] == ["analysed", "analysed", "settled"]
    last = (await desk.stored.attempts())[-1]
    assert (last.agent_type, last.reason) == ("hub", "chef is down; default")
    assert desk.hub.requests[0].json["routing_info"]["reason"] == "chef is down; default"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"reply": "<p>Merhaba</p>"}, "reply: HTML; expected plain text"),
        ({"reply": "Merhaba", "confidence": "high"}, "confidence: expected a number from 0 to 1"),
        ({"reply": "x" * 20_000}, "reply: 20000 characters; at most 4096 are sent"),
        ({"reply": "x", "to": "+905559998877"}, "to: an agent cannot choose the recipient"),
        ({"reply": "a\u0007"}, "reply: control characters; only line breaks and tabs are sent"),
    ],
)
async def test_a_useless_answer_is_a_stored_failure_and_the_message_is_done(
    desk: Desk, answer: dict[str, Any], fault: str
) -> None:
    desk.chef.answer = answer
    await desk.come_to_rest(1)
    assert await desk.rows() == [("settled", None)]
    [attempt] = await desk.stored.attempts()
    assert (bool(attempt.routing_success), attempt.error_message) == (False, fault)
    outcome = await desk.ledger.outcome(1)
    assert outcome.attempt is not None
    assert outcome.attempt.response == answer
    assert len(desk.chef.requests) == 1


async def test_no_json_is_a_dead_letter(desk: Desk) -> None:
    desk.chef.script(Raw(b"<html>", "text/html"))
    await desk.come_to_rest(1)
    assert await desk.rows() == [("dead", "agent chef answered no valid JSON")]
