"""The hub gives a message to the best suited agent, and to the next if that one is down."""

import asyncio
from typing import Any

import aiohttp
import pytest

from izer_bridge.agents.builtin.agent_hub import HUB, Hub, Member, choices
from izer_bridge.agents.builtin.answer_cache import MOST_ANSWERS, AnswerCache
from izer_bridge.agents.builtin.four import builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.domain.errors import TransientError
from tests.agents.bodies import answer, body
from tests.servers.agent import AgentServer, failing
from tests.servers.loopback import Hang


@pytest.mark.parametrize(
    ("text", "category", "urgency", "handled_by"),
    [
        ("Sunucu hata veriyor", "general", 3, "code_debugger"),
        ("vites atlıyor", "technical", 4, "code_debugger"),
        ("Siparişim nerede", "support", 5, "business_workflow"),
        ("Lütfen hemen arayın", "general", 9, "business_workflow"),
        ("Merhaba", "general", 1, "general_purpose"),
    ],
)
async def test_it_names_who_answered_and_why(
    text: str, category: str, urgency: int, handled_by: str
) -> None:
    request = body(text, category, urgency)
    said = await answer(HUB, request)
    why = said.pop("why")
    assert said == await answer(handled_by, request) | {"agent": HUB, "handled_by": handled_by}
    assert why.startswith("the message is ")


async def test_an_agent_of_the_shops_own_gets_what_it_declares() -> None:
    async with AgentServer() as server, aiohttp.ClientSession() as session:
        spokes = Member(HttpAgent("wheels", server.url, session), ["Jant akort", "wheels"])
        hub = builtin_agents(Library(None), None, {"wheels": spokes})[HUB]
        said = await hub.process(body("jant akort lazım"), "1")
        assert (said["handled_by"], said["reply"]) == ("wheels", "Merhaba")
        assert said["why"] == "the message speaks of jant akort"
        assert (await hub.process(body("Merhaba"), "1"))["handled_by"] == "general_purpose"


@pytest.mark.parametrize("act", [failing(503), failing(400), Hang()])
async def test_the_next_best_takes_over_when_one_is_down(act: Any) -> None:
    async with AgentServer() as server, aiohttp.ClientSession() as session:
        server.script(act)
        remote = Member(HttpAgent("business_workflow", server.url, session), ["business"])
        hub = builtin_agents(Library(None), None, {"business_workflow": remote}, 0.2)[HUB]
        said = await hub.process(body("Siparişim nerede", "support", 5), "1")
        assert said["handled_by"] == "code_debugger"
        assert said["why"] == "next best, technical; business_workflow could not answer"
        assert (await hub.process(body("x", "support", 5), "2"))[
            "handled_by"
        ] == "business_workflow"


async def test_it_answers_by_itself_when_all_are_down() -> None:
    async with AgentServer() as server, aiohttp.ClientSession() as session:
        server.script(*[failing(503)] * 3)
        agent = HttpAgent("a", server.url, session)
        members = {name: Member(agent, ["general"]) for name in "abcd"}
        said = await Hub(members).process(body("Merhaba"), "1")
        assert (said["handled_by"], said["needs_human"]) == (HUB, True)
        assert "a could not answer" in said["why"]
        assert len(server.requests) == 3
        assert (await Hub({}).process(body("Merhaba"), "1"))["handled_by"] == HUB


def test_who_declares_nothing_of_use_is_not_chosen() -> None:
    agent = builtin_agents(Library(None))["general_purpose"]
    members = {"a": Member(agent, ["cooking"]), "b": Member(agent, ["research"])}
    assert [one.name for one in choices(Case.parse(body("Merhaba")), members)] == ["b"]


class Counting:
    """An agent that counts its calls; it fails while `is_down`, and waits for `gate`."""

    url = None

    def __init__(self) -> None:
        self.calls = 0
        self.is_down = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        self.calls += 1
        await self.gate.wait()
        if self.is_down:
            raise TransientError("down")
        return {"call": self.calls}


async def test_a_key_is_answered_once_also_while_the_first_call_is_under_way() -> None:
    agent = Counting()
    once = AnswerCache(agent)
    agent.gate.clear()
    calls = [asyncio.create_task(once.process(body("a"), "1")) for _ in range(3)]
    await asyncio.sleep(0)
    calls[0].cancel()
    agent.gate.set()
    assert await calls[1] == await calls[2] == {"call": 1}
    assert await once.process(body("b"), "1") == {"call": 2}
    assert [await once.process(body("a"), "") for _ in range(2)] == [{"call": 3}, {"call": 4}]


async def test_what_failed_is_tried_again_and_what_is_old_is_forgotten() -> None:
    agent = Counting()
    once = AnswerCache(agent)
    agent.is_down = True
    with pytest.raises(TransientError):
        await once.process(body("a"), "1")
    agent.is_down = False
    assert await once.process(body("a"), "1") == {"call": 2}
    for number in range(MOST_ANSWERS):
        await once.process(body("a"), f"k{number}")
    assert await once.process(body("a"), "1") == {"call": MOST_ANSWERS + 3}


async def test_what_templates_answered_is_not_kept() -> None:
    """A thousand answers of each agent are megabytes, and the next one costs nothing."""
    agent = builtin_agents(Library(None))["general_purpose"]
    one, other = [await agent.process(body("Merhaba"), "1") for _ in range(2)]
    assert one == other
    assert one is not other
