"""OpenAI and agents that refuse, hang, cut off or answer nonsense, under a running bridge."""

import asyncio
from dataclasses import dataclass
from typing import Any

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.simulator.simulator import Sent
from tests.chaos.arena import Arena
from tests.end_to_end.stored import Store
from tests.servers import agent, openai
from tests.servers.loopback import Act, Cut, Endless, Hang, Raw, Recorded
from tests.servers.openai import OpenAIServer

_BIG = 50 * 1024 * 1024

OPENAI_FAULTS: dict[str, tuple[Act, str]] = {
    "401": (openai.failing(401, "invalid_api_key"), "key"),
    "429": (openai.failing(429, "rate_limit_exceeded", Retry_After="17"), "too many requests"),
    "500": (openai.failing(500), "500"),
    "hang": (Hang(), "within 1 s"),
    "cut at once": (Cut(), "reached"),
    "cut in the middle": (Cut(b'{"choices": ['), "reached"),
    "no JSON": (Raw(b"<html>", "text/html"), "answer"),
    "truncated": (openai.truncated(), "truncated"),
    "broken JSON": (openai.answering('{"urgency_score": 7'), "schema"),
    "wrong field": (openai.answering(openai.ANALYSIS | {"urgency_score": 99}), "urgency_score"),
    "refusal": (openai.refusing(), "refused"),
}

AGENT_FAULTS: dict[str, tuple[Act, str]] = {
    "503": (agent.failing(503), "analysed"),
    "429": (agent.failing(429, Retry_After="60"), "analysed"),
    "hang": (Hang(), "analysed"),
    "cut": (Cut(b'{"reply": "'), "analysed"),
    "404": (agent.failing(404), "dead"),
    "HTML": (Raw(b"<h1>Merhaba</h1>", "text/html"), "dead"),
    "no object": (Raw(b"[1, 2]"), "dead"),
    "50 MB": (agent.huge(_BIG), "dead"),
    "endless": (Endless(), "dead"),
}


@dataclass
class Row:
    """The outcome of one message."""

    message: Any
    attempts: list[Any]


async def say(shop: Arena, words: str) -> Sent:
    """A different person each time, because a chat waits for its oldest message."""
    sender = shop.whatsapp.contact(f"+90555222{len(shop.sent):04d}", "Yeni müşteri")
    sent = await shop.whatsapp.say(sender, content.text(words))
    shop.sent.append(sent)
    return sent


async def row_of(shop: Arena, sent: Sent) -> Row:
    store = Store(shop.store_url)
    messages = [row for row in await store.messages() if row.message_id == sent.id]
    ids = [row.id for row in messages]
    attempts = [one for one in await store.attempts() if one.webhook_message_id in ids]
    return Row(messages[0] if messages else None, attempts)


async def tried(shop: Arena, sent: Sent) -> Row:
    """Once an agent was called for it."""
    await shop.whatsapp.acknowledged(sent)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (row := await row_of(shop, sent)).attempts:
            pass
    return row


async def test_whatever_openai_does_the_message_is_analysed_and_says_by_whom(shop: Arena) -> None:
    async with OpenAIServer() as server:
        shop.settings |= {
            "IZER_OPENAI__BASE_URL": server.base_url,
            "IZER_OPENAI__TIMEOUT_SECONDS": "1",
            "OPENAI_API_KEY": "sk-test",
        }
        bridge = await shop.started()
        for name, (act, reason) in OPENAI_FAULTS.items():
            server.script(act)
            sent = await say(shop, f"Frenim tutmuyor, {name}")
            await bridge.line("message_dispatched", f" id={sent.id}")
            row = (await row_of(shop, sent)).message
            assert row.analyser == "local", name
            assert reason in row.fallback_reason, name
        sent = await say(shop, "Ve sonra geht es wieder")
        await bridge.line("message_dispatched", f" id={sent.id}")
        assert (await row_of(shop, sent)).message.analyser == "openai"
        assert len(server.requests) == len(OPENAI_FAULTS) + 1
        assert "sk-test" not in bridge.output
        await shop.live(bridge)
        await shop.check()
        await shop.ended()


async def test_whatever_an_agent_does_the_message_waits_or_is_kept_as_dead(shop: Arena) -> None:
    names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
    shop.settings |= {f"IZER_AGENTS__{name}__TIMEOUT_SECONDS": "2" for name in names}
    faults = {f"Frenim tutmuyor, {name}": act for name, (act, _) in AGENT_FAULTS.items()}
    well = shop.agent.answerer

    def fail_once(request: Recorded) -> Act:
        return faults.pop(request.json["message"]["current_message"], None) or well(request)

    shop.agent.answerer = fail_once
    bridge = await shop.started()
    for name, (_, state) in AGENT_FAULTS.items():
        sent = await say(shop, f"Frenim tutmuyor, {name}")
        row = await tried(shop, sent)
        assert not row.attempts[0].routing_success, name
        # A message to be retried may have been retried already.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while row.message.state not in (state, "settled"):
                row = await row_of(shop, sent)
    store = Store(shop.store_url)
    await store.execute(
        "UPDATE webhook_messages SET next_attempt_at = NULL, state = 'analysed'"
        " WHERE state IN ('analysed', 'dead')"
    )
    await shop.live(bridge)
    await shop.check()
