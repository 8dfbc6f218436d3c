"""An agent behind its limits, called over real HTTP, on a clock that a test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from izer_bridge.agents.circuit_breaker import BreakerState
from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.agents.limits import GuardedAgent, InTurn, Limits
from izer_bridge.domain.errors import NotCalledError, PermanentError, TransientError
from tests.servers.agent import ANSWER, AgentServer, failing
from tests.servers.loopback import Hang, Stall


@dataclass
class Seconds:
    now: float = 0.0

    def milliseconds(self) -> float:
        return self.now * 1000


Guarded = Callable[..., GuardedAgent]


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
async def server() -> AsyncIterator[AgentServer]:
    async with AgentServer() as server:
        yield server


@pytest.fixture
async def guarded(server: AgentServer, clock: Seconds) -> AsyncIterator[Guarded]:
    async with aiohttp.ClientSession() as session:

        def guard(**limits: Any) -> GuardedAgent:
            agent = HttpAgent("chef", server.url, session)
            return GuardedAgent("chef", agent, Limits(**limits), clock.milliseconds)

        yield guard


async def call(agent: GuardedAgent) -> dict[str, Any]:
    return await InTurn(agent).process({}, "msg_1")


def state(agent: GuardedAgent) -> BreakerState:
    return agent.condition.state


async def fail(agent: GuardedAgent, times: int) -> None:
    for _ in range(times):
        with pytest.raises(TransientError):
            await call(agent)


@pytest.mark.parametrize("act", [Hang(), Stall(b'{"reply": "Mer')])
async def test_a_call_ends_with_its_timeout(
    server: AgentServer, guarded: Guarded, act: Hang | Stall
) -> None:
    server.script(act)
    agent = guarded(timeout_seconds=0.05)
    with pytest.raises(TransientError, match=r"chef did not answer within 0\.05 s"):
        await call(agent)
    assert agent.condition.failures_in_a_row == 1


async def test_while_it_is_down_it_is_not_called(
    server: AgentServer, guarded: Guarded, clock: Seconds
) -> None:
    agent = guarded(breaker_failures=2, breaker_pause_seconds=30)
    server.script(failing(503), failing(500), failing(503))
    await fail(agent, 2)
    clock.now = 10
    with pytest.raises(NotCalledError, match="chef is not called: it failed 2 times") as caught:
        await call(agent)
    assert caught.value.retry_after_seconds == 20
    assert agent.is_down
    assert state(agent) is BreakerState.OPEN
    assert agent.condition.retry_in_seconds == 20
    assert len(server.requests) == 2
    clock.now = 30
    assert state(agent) is BreakerState.HALF_OPEN
    await fail(agent, 1)
    assert agent.is_down
    clock.now = 60
    assert await call(agent) == ANSWER
    assert state(agent) is BreakerState.CLOSED
    assert agent.condition.retry_in_seconds is None


async def test_what_it_asks_for_keeps_it_closed_longer(
    server: AgentServer, guarded: Guarded
) -> None:
    server.script(failing(429, Retry_After="600"))
    agent = guarded(breaker_failures=1, breaker_pause_seconds=30)
    await fail(agent, 1)
    assert agent.condition.retry_in_seconds == 600


async def test_it_cannot_ask_for_more_than_an_hour(server: AgentServer, guarded: Guarded) -> None:
    server.script(failing(503, Retry_After="86400"))
    agent = guarded(breaker_failures=1)
    await fail(agent, 1)
    assert agent.condition.retry_in_seconds == 3600


async def test_a_turn_that_is_not_used_leaves_the_trial_to_another(
    server: AgentServer, guarded: Guarded, clock: Seconds
) -> None:
    agent = guarded(breaker_failures=1, breaker_pause_seconds=30)
    server.script(failing(503))
    await fail(agent, 1)
    clock.now = 30
    async with agent.turn():
        pass
    assert await call(agent) == ANSWER


async def test_whoever_refuses_is_there(server: AgentServer, guarded: Guarded) -> None:
    agent = guarded(breaker_failures=2)
    server.script(failing(503), failing(422), failing(503))
    await fail(agent, 1)
    with pytest.raises(PermanentError):
        await call(agent)
    await fail(agent, 1)
    assert not agent.is_down


async def test_only_so_many_calls_are_under_way(server: AgentServer, guarded: Guarded) -> None:
    agent = guarded(max_concurrent=2)
    server.script(Hang(), Hang())
    calls = [asyncio.create_task(call(agent)) for _ in range(3)]
    await server.wait_for(2)
    assert agent.condition.calls_under_way == 2
    calls[0].cancel()
    assert await calls[2] == ANSWER
    assert len(server.requests) == 3
    calls[1].cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert agent.condition.calls_under_way == 0


async def test_one_turn_is_not_waited_for_without_end(
    server: AgentServer, guarded: Guarded
) -> None:
    agent = guarded(max_concurrent=1, timeout_seconds=0.05)
    async with agent.turn():
        with pytest.raises(NotCalledError, match="chef is busy: 1 calls are under way"):
            await call(agent)
    assert server.requests == []
    assert await call(agent) == ANSWER


async def test_a_call_that_is_cancelled_says_nothing_about_the_agent(
    server: AgentServer, guarded: Guarded, clock: Seconds
) -> None:
    agent = guarded(breaker_failures=1, breaker_pause_seconds=30)
    server.script(failing(503), Hang())
    await fail(agent, 1)
    clock.now = 30
    trial = asyncio.create_task(call(agent))
    await server.wait_for(2)
    with pytest.raises(NotCalledError):
        await call(agent)
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)
    assert await call(agent) == ANSWER
