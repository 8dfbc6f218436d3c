"""`izer-bridge worker`: several processes on one store, one of which may die at any moment."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from izer_bridge.domain.message import Origin
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE
from tests.end_to_end.stored import Store
from tests.servers.agent import AgentServer
from tests.servers.loopback import Hang, Late, as_json
from tests.servers.mariadb import MariaDB
from tests.workers import (
    CALLS_AT_ONCE,
    all_dispatched,
    bridge_ledger,
    conversation,
    dispatched_again,
    recorded,
    worker,
)

# More chats than one worker works side by side, so that there is always work for both.
MESSAGES = conversation(240, 80)
_LOOK_SECONDS = 0.2
_OTHERS_SECONDS, _PATIENT_SECONDS = 4.0, 10.0


@pytest.fixture
async def agent() -> AsyncIterator[AgentServer]:
    async with AgentServer({"ok": True}) as server:
        yield server


async def stopped(process: BridgeProcess) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await process.stop() == 0


def keep_one_waiting(agent: AgentServer) -> None:
    """With all calls that one worker may make at once: meanwhile another finds work too."""
    agent.script(*[Late(_OTHERS_SECONDS, as_json(agent.answer))] * CALLS_AT_ONCE)


async def check_settled(store_url: str) -> None:
    rows = await Store(store_url).messages()
    assert {row.state for row in rows} == {"settled"}
    assert len(rows) == len(MESSAGES)


async def all_settled(store_url: str) -> None:
    """Messages that the killed one had dispatched and not settled wait for their lease to end."""
    store = Store(store_url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        # The store belongs to other processes, which notify nobody.
        while any(row.state != "settled" for row in await store.messages()):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)


async def test_two_workers_share_the_work_and_keep_each_chats_order(
    mariadb: MariaDB, agent: AgentServer
) -> None:
    url = mariadb.database()
    keep_one_waiting(agent)
    async with (
        worker(url, agent, agent_seconds=_PATIENT_SECONDS) as one,
        worker(url, agent, agent_seconds=_PATIENT_SECONDS) as two,
    ):
        await asyncio.gather(*(each.line("wait for `izer-bridge run`") for each in (one, two)))
        await recorded(url, ())
        # A worker that found the tables one pause later would find all the work done.
        await asyncio.gather(*(each.line("event=worker_started") for each in (one, two)))
        await recorded(url, MESSAGES)
        await all_dispatched(agent, MESSAGES)
        await asyncio.gather(stopped(one), stopped(two))
    assert dispatched_again(agent, MESSAGES) == 0
    counts = [each.output.count("event=message_dispatched") for each in (one, two)]
    assert sum(counts) == len(MESSAGES)
    assert min(counts) > 0
    await check_settled(url)


async def test_when_a_worker_is_killed_the_other_goes_on(
    mariadb: MariaDB, agent: AgentServer
) -> None:
    url = mariadb.store()
    await recorded(url, MESSAGES)
    keep_one_waiting(agent)
    async with (
        worker(url, agent, agent_seconds=_PATIENT_SECONDS) as one,
        worker(url, agent, agent_seconds=_PATIENT_SECONDS) as two,
    ):
        await asyncio.gather(*(each.line("event=message_dispatched") for each in (one, two)))
        await one.kill()
        await all_dispatched(agent, MESSAGES)
        await all_settled(url)
        await stopped(two)
    assert dispatched_again(agent, MESSAGES) <= CHATS_SIDE_BY_SIDE
    await check_settled(url)


async def test_what_was_under_way_is_dispatched_again_under_the_same_key(
    mariadb: MariaDB, agent: AgentServer
) -> None:
    url = mariadb.store()
    await recorded(url, MESSAGES)
    agent.script(*[Hang()] * CALLS_AT_ONCE)
    async with worker(url, agent) as doomed:
        await agent.wait_for(CALLS_AT_ONCE)
        await doomed.kill()
    async with worker(url, agent) as heir:
        await agent.wait_for(len(MESSAGES) + CALLS_AT_ONCE)
        await stopped(heir)
    assert dispatched_again(agent, MESSAGES) == CALLS_AT_ONCE
    await check_settled(url)


async def test_what_a_stop_cuts_short_is_given_back_at_once(
    mariadb: MariaDB, agent: AgentServer
) -> None:
    url = mariadb.store()
    ledger = bridge_ledger(url)
    await ledger.open()
    await ledger.record(MESSAGES[:1])
    agent.script(Hang())
    async with worker(url, agent, agent_seconds=60) as process:
        await agent.wait_for(1)
        await stopped(process)
    [work] = await ledger.claim(1)
    await ledger.close()
    assert work.message.message_id == MESSAGES[0].message_id


async def test_a_webhook_is_answered_when_a_worker_elsewhere_is_done(
    mariadb: MariaDB, agent: AgentServer
) -> None:
    url = mariadb.store()
    ledger = bridge_ledger(url)
    await ledger.open()
    intake = HttpIntake(ledger, hint=lambda: None)
    given = replace(MESSAGES[0], origin=Origin.WEBHOOK)
    async with worker(url, agent) as process, asyncio.timeout(PATIENCE_SECONDS):
        await process.line("event=worker_started")
        webhook = WebhookMessage(given, "+905551110000", (), {"message_id": given.message_id})
        outcome = await intake.submit(webhook, wait_seconds=60)
    await ledger.close()
    assert outcome.attempt is not None
    assert outcome.attempt.succeeded


async def test_a_store_that_hangs_does_not_hold_the_end(
    mariadb: MariaDB, agent: AgentServer
) -> None:
    url = mariadb.store()
    await recorded(url, MESSAGES[:1])
    async with worker(url, agent) as process:
        await process.line("event=message_dispatched")
        mariadb.pause()
        try:
            await stopped(process)
        finally:
            mariadb.resume()


@pytest.mark.parametrize("url", ["", "sqlite:////tmp/store.db"])
async def test_a_store_that_cannot_be_shared_is_refused(agent: AgentServer, url: str) -> None:
    async with worker(url, agent) as process:
        assert await process.ended() == 78
    assert "a worker needs the store that the bridge shares" in process.output
    assert len(process.output.strip().splitlines()) == 1


async def test_a_store_of_a_newer_program_ends_it(mariadb: MariaDB, agent: AgentServer) -> None:
    url = mariadb.store()
    await recorded(url, [])
    await Store(url).execute("UPDATE alembic_version SET version_num = '9999'")
    async with worker(url, agent) as process:
        assert await process.ended() == 78
    assert "a newer izer-bridge wrote this store" in process.output
    assert "Traceback" not in process.output


def test_it_needs_no_whatsapp_client() -> None:
    loaded = "import sys, izer_bridge.worker_process; print('neonize' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert said.stdout.strip() == b"False"
