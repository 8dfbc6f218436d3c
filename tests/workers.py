"""Worker processes on one store and one agent, and the rules for the agent's calls."""

import sys
from collections.abc import Sequence

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Message
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.simulator.process import BridgeProcess
from tests.servers.agent import AgentServer
from tests.store.messages import message

# For one agent, by the default settings.
CALLS_AT_ONCE = 16
_AGENTS = ("AGENT_HUB", "BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
_SCREENING = Screening(ImportanceRules.of([], []), False)


def worker(store_url: str, agent: AgentServer, *, agent_seconds: float = 3) -> BridgeProcess:
    """A worker whose leases last a second longer than it waits for the agent."""
    return BridgeProcess(
        [sys.executable, "-m", "tests.impatient_worker", "worker"],
        {
            "IZER_STORE__URL": store_url,
            "IZER_OPENAI__TIMEOUT_SECONDS": "0.5",
            "OPENAI_API_KEY": "",
            **{f"IZER_AGENTS__{name}__URL": agent.url for name in _AGENTS},
            **{f"IZER_AGENTS__{name}__TIMEOUT_SECONDS": str(agent_seconds) for name in _AGENTS},
        },
    )


def bridge_ledger(store_url: str, owner: str = "bridge") -> SqlLedger:
    """The store as the bridge opens it to record."""
    return SqlLedger(store_url, _SCREENING, owner)


def conversation(count: int, chats: int) -> list[Message]:
    """`count` messages spread over `chats` direct chats in turn."""
    people = [Jid.parse(f"90555111{number:04d}@s.whatsapp.net") for number in range(chats)]
    return [
        message(number, f"{number}. soru: bisikletim hazır mı?", chat=people[number % chats])
        for number in range(count)
    ]


async def recorded(store_url: str, messages: Sequence[Message]) -> None:
    ledger = bridge_ledger(store_url)
    await ledger.open()
    await ledger.record(messages)
    await ledger.close()


async def all_dispatched(agent: AgentServer, messages: Sequence[Message]) -> None:
    """Until the agent has received each of them."""
    expected = {one.message_id for one in messages}
    async with agent.arrived:
        await agent.arrived.wait_for(lambda: expected <= set(_keys_of(agent)))


def dispatched_again(agent: AgentServer, messages: Sequence[Message]) -> int:
    """How many calls were not the first of their message; checks its single key and its order."""
    keys = _keys_of(agent)
    assert keys.keys() == {one.message_id for one in messages}
    assert {len(set(given)) for given in keys.values()} == {1}
    assert len({given[0] for given in keys.values()}) == len(messages)
    place = {message_id: place for place, message_id in enumerate(keys)}
    for chat in {one.chat for one in messages}:
        places = [place[one.message_id] for one in messages if one.chat == chat]
        assert places == sorted(places)
    return sum(len(given) - 1 for given in keys.values())


def _keys_of(agent: AgentServer) -> dict[str, list[str]]:
    """Idempotency keys by message, in the order of the messages' first calls."""
    keys: dict[str, list[str]] = {}
    for request in agent.requests:
        message_id = request.json["message"]["message_id"]
        keys.setdefault(message_id, []).append(request.headers["Idempotency-Key"])
    return keys
