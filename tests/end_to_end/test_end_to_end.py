"""From the QR in the terminal to the agents: a real process, the real client, real servers."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.analysis.local.danger import dangers_of
from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.end_to_end.http import get
from tests.end_to_end.scenario import VIP_ROW, Day, Expected
from tests.end_to_end.stored import Store, known_as
from tests.servers.agent import AgentServer
from tests.servers.openai import ANALYSIS, OpenAIServer, user_content

_COUNT = re.compile(r"event=messages_recorded count=(\d+)")
_DISPATCHED = "SELECT id FROM webhook_messages WHERE state = 'dispatched'"
_OLD_MESSAGES = 10 + 25 + 12 + 9
_NOT_SHOWN = ("reaction", "edit", "revoke")


def analysed(content: str) -> dict[str, Any]:
    """The model's answer: brakes are technical, anything else is an inquiry."""
    is_technical = "fren" in json.loads(content)["message"]
    category = "technical" if is_technical else "inquiry"
    return ANALYSIS | {"urgency_score": 5, "category": category, "priority_level": "normal"}


@dataclass
class World:
    """Everything around one bridge."""

    whatsapp: Simulator
    day: Day
    openai: OpenAIServer
    workflow: AgentServer
    general: AgentServer
    store: Store
    bridge: BridgeProcess

    async def finished(self) -> None:
        """Wait until every worked message has been dispatched and settled."""
        count = len(self.day.dispatched)
        await self.bridge.printed(lambda output: output.count("message_dispatched") >= count, 60)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if not await self.store.rows(_DISPATCHED):
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
async def world(store_url: str, tmp_path: Path) -> AsyncIterator[World]:
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with (
        Simulator(folder) as whatsapp,
        OpenAIServer(analysed) as openai,
        AgentServer() as workflow,
        AgentServer({"ok": True}) as general,
    ):
        day = Day(whatsapp)
        environment = {
            **whatsapp.environment,
            **day.environment,
            "IZER_STATE_DIR": str(tmp_path / "state"),
            "IZER_STORE__URL": store_url,
            "IZER_API__PORT": "0",
            "IZER_OPENAI__BASE_URL": openai.base_url,
            "OPENAI_API_KEY": "sk-test",
            "IZER_AGENTS__BUSINESS_WORKFLOW__URL": workflow.url,
            "IZER_AGENTS__GENERAL_PURPOSE__URL": general.url,
        }
        bridge = BridgeProcess(whatsapp.command("run"), environment)
        async with bridge:
            store = Store(store_url)
            yield World(whatsapp, day, openai, workflow, general, store, bridge)


async def pair(world: World) -> None:
    await world.whatsapp.scan(await world.bridge.code())
    await world.bridge.line("state=connected")


async def test_a_shops_day_is_recorded_analysed_and_dispatched(world: World) -> None:
    await pair(world)
    await world.day.play_history()
    await world.bridge.printed(
        lambda output: sum(map(int, _COUNT.findall(output))) >= _OLD_MESSAGES
    )
    await world.store.execute(
        "INSERT INTO important_customers (customer_name, phone_number) VALUES ('Hans', :number)",
        number=VIP_ROW,
    )
    await world.day.play_live()
    await world.finished()

    rows = await world.store.messages()
    check_rows(world.day.expected, rows)
    await check_context(world, rows)
    check_openai(world)
    check_agents(world, {row.message_id: row for row in rows})
    await check_attempts(world, rows)
    await check_stats(world)
    check_logs(world)

    assert await world.bridge.stop(signal.SIGTERM) == 0
    assert len(world.day.expected) == 51 + 60


def check_rows(expected: list[Expected], rows: list[Any]) -> None:
    """Every message once, with its chat, sender, text and why it was skipped."""
    found = {row.message_id: row for row in rows}
    assert len(found) == len(rows) == len(expected)
    for one in expected:
        row = found[one.id]
        assert described(row) == one, one.text


def described(row: Any) -> Expected:
    chat = row.chat_jid or known_as(row.chat_number, row.chat_lid)
    return Expected(
        id=row.message_id,
        chat=chat,
        person=known_as(row.sender_number, row.sender_lid),
        kind=row.kind,
        text=row.current_message,
        from_me=bool(row.from_me),
        origin=row.origin,
        skip=row.skip_reason,
        is_vip=bool(row.is_vip_customer),
        is_critical=bool(row.is_critical_group),
    )


async def check_context(world: World, rows: list[Any]) -> None:
    """The last 20 visible messages of the chat before the message, as they read then."""
    by_id = {row.message_id: row for row in rows}
    texts = {row.message_id: row.edited_text or row.current_message for row in rows}
    full = 0
    for position, one in enumerate(world.day.expected):
        if one.skip is not None:
            continue
        before = [
            old
            for old in world.day.expected[:position]
            if old.chat == one.chat and old.kind not in _NOT_SHOWN and old.skip != "empty"
        ][-20:]
        context = await world.store.context(by_id[one.id].id)
        assert by_id[one.id].context_count == len(context) == len(before)
        for words, old in zip(context, before, strict=True):
            assert words.endswith(texts[old.id])
        full += len(context) == 20
    assert full >= 20


def check_openai(world: World) -> None:
    """One request per analysed message, about that message."""
    asked = [json.loads(user_content(request))["message"] for request in world.openai.analyses]
    assert len(asked) == len(world.day.dispatched)
    for one in world.day.dispatched:
        # The number on a contact's card is masked.
        words = one.text.partition("+")[0]
        assert any(words in message for message in asked)


def check_agents(world: World, rows: dict[str, Any]) -> None:
    """The legacy body, raised for VIPs and critical groups, goes to the agent of the rules."""
    sent = {body["message"]["message_id"]: body for body in world.workflow.bodies}
    others = {body["message"]["message_id"]: body for body in world.general.bodies}
    assert set(sent) | set(others) == {one.id for one in world.day.dispatched}
    assert set(sent) == {
        one.id
        for one in world.day.dispatched
        # With what a picture shows.
        if dangers_of((sent | others)[one.id]["message"]["current_message"])
        or one.is_vip
        or one.is_critical
    }
    assert len(world.workflow.bodies) + len(world.general.bodies) == len(world.day.dispatched)
    for one in world.day.dispatched:
        body = (sent | others)[one.id]
        is_raised = one.is_vip or one.is_critical
        # The model says 5; a message that reports danger never scores under 8.
        judged = 8 if dangers_of(body["message"]["current_message"]) else 5
        assert body["analysis"]["urgency_score"] == min(10, judged + 3 * is_raised)
        priority = "critical" if is_raised else "high" if judged == 8 else "normal"
        assert body["analysis"]["priority_level"] == priority
        assert body["message"]["current_message"].endswith(one.text)
        assert body["message"]["phone_number"] == rows[one.id].phone_number
        assert len(body["message"]["history"]) == rows[one.id].context_count


async def check_attempts(world: World, rows: list[Any]) -> None:
    """A row in `agent_routing` for every call."""
    attempts = await world.store.attempts()
    settled = {row.id for row in rows if row.state == "settled"}
    assert {attempt.webhook_message_id for attempt in attempts} == settled
    assert len(attempts) == len(settled) == len(world.day.dispatched)
    assert all(attempt.routing_success and attempt.response_time_ms >= 0 for attempt in attempts)
    assert all(row.analyser == "openai" for row in rows if row.state == "settled")


async def check_stats(world: World) -> None:
    url = await world.bridge.url()
    status, answer = await get(f"{url}/stats")
    stats = answer["stats"]
    assert status == 200
    assert stats["total_messages"] == len(world.day.expected)
    parts = ("skipped", "settled", "pending", "dead", "uncertain")
    assert stats["received"] == sum(stats[part] for part in parts)
    assert stats["settled"] == sum(stats["by_agent"].values()) == len(world.day.dispatched)
    assert stats["skipped"] == sum(stats["skipped_by_reason"].values())
    status, health = await get(f"{url}/health")
    # One of the day's customers has reported danger; this machine's disk may be full, too.
    wrong = {one["name"] for one in health["conditions"]} - {"disk_low"}
    assert (status, health["status"], wrong) == (200, "degraded", {"danger_open"})
    assert health["link"]["linked"]
    assert health["inbox"]["depth"] == 0


def check_logs(world: World) -> None:
    """A line for each message that is not worked, except history; no texts or full numbers."""
    skipped = [one for one in world.day.expected if one.skip and one.origin == "live"]
    for one in skipped:
        assert f"event=message_skipped id={one.id} reason={one.skip}" in world.bridge.output
    old = [one for one in world.day.expected if one.origin == "history"]
    assert skipped
    assert old
    assert not any(one.id in world.bridge.output for one in old)
    for one in world.day.expected:
        if len(one.text) > 8:
            assert one.text not in world.bridge.output
    assert "905551112233" not in world.bridge.output
    assert "sk-test" not in world.bridge.output


async def test_a_restart_needs_no_code_and_misses_nothing(world: World) -> None:
    await pair(world)
    first = await world.day.say(world.day.mehmet, content.text("Merhaba"))
    await world.whatsapp.acknowledged(first)
    await world.finished()
    assert await world.bridge.stop(signal.SIGINT) == 0

    away = await world.day.say(world.day.mehmet, content.text("Siz yokken"))
    world.bridge.output = ""
    await world.bridge.start()
    await world.whatsapp.acknowledged(away)
    await world.bridge.line("message_dispatched")
    assert "scan_qr_code" not in world.bridge.output
    check_rows(world.day.expected, await world.store.messages())
