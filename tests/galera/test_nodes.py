"""Three nodes: concurrent claims, conflicts, a node that refuses, one that dies."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from izer_bridge.domain.errors import TransientError
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.store.database import Database
from izer_bridge.store.dialects import jitter
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE
from tests.end_to_end.stored import Store
from tests.galera.trials import claim_everywhere, lost, record_through_a_kill
from tests.servers.agent import AgentServer
from tests.servers.galera import Entrance, Galera
from tests.workers import (
    all_dispatched,
    bridge_ledger,
    conversation,
    dispatched_again,
    recorded,
    worker,
)

pytestmark = pytest.mark.galera

_ADD = "UPDATE counters SET number = number + 1 WHERE id = 1"
_BOOTSTRAP_SECONDS = 20
_DISPATCHED = "event=message_dispatched"
_NUMBER = "SELECT number FROM counters"


@pytest.fixture
async def agent() -> AsyncIterator[AgentServer]:
    async with AgentServer({"ok": True}) as server:
        yield server


async def counter(cluster: Galera) -> list[str]:
    """A table with one row that every node may increment: its database's URL at each node."""
    urls = cluster.database()
    store = Store(urls[0])
    await store.execute("CREATE TABLE counters (id INT PRIMARY KEY, number INT NOT NULL)")
    await store.execute("INSERT INTO counters VALUES (1, 0)")
    cluster.catch_up()
    return urls


async def add(database: Database) -> None:
    await database.write(lambda connection: connection.execute(text(_ADD)))


async def test_claims_at_three_nodes_at_once_are_never_doubled(cluster: Galera) -> None:
    urls = cluster.database()
    await recorded(urls[0], conversation(300, 300))
    cluster.catch_up()
    claimed = await claim_everywhere(urls, owners=9, count=300)
    assert claimed.doubled == 0
    assert {row.state for row in await Store(urls[1]).messages()} == {"settled"}


async def test_a_transaction_that_met_anothers_is_run_again_as_a_whole(cluster: Galera) -> None:
    repeated: list[int] = []

    def pause(attempt: int) -> float:
        repeated.append(attempt)
        return jitter(attempt)

    databases = [Database(url, pause=pause) for url in await counter(cluster)]
    for database in databases:
        database.start()
    for _ in range(20):
        await asyncio.gather(*map(add, databases))
    cluster.catch_up()
    for database in databases:
        assert await database.read(lambda one: one.scalar(text(_NUMBER))) == 60
        await database.close()
    assert repeated


async def test_a_node_that_refuses_for_a_moment_is_asked_again(cluster: Galera) -> None:
    """1047 is what a node answers while it is not part of the majority."""
    node = cluster.nodes[0]
    repeated: list[int] = []

    def pause(attempt: int) -> float:
        repeated.append(attempt)
        node.query("SET GLOBAL wsrep_reject_queries = NONE")
        return 0

    [url, *_] = await counter(cluster)
    async with Database(url, pause=pause) as database:
        await add(database)
        node.query("SET GLOBAL wsrep_reject_queries = ALL")
        await add(database)
    assert repeated == [1]


async def test_a_killed_node_loses_nothing_that_was_acknowledged(cluster: Galera) -> None:
    acknowledged, urls = await record_through_a_kill(cluster, 2_000)
    assert len(acknowledged.messages) == 2_000
    for url in urls:
        assert await lost(acknowledged, url) == 0
    cluster.revive()
    name = urls[0].rpartition("/")[2]
    assert await lost(acknowledged, cluster.nodes[0].url(name)) == 0


async def test_a_node_without_the_majority_takes_nothing_until_it_is_told_to(
    cluster: Galera,
) -> None:
    last, *others = cluster.nodes
    [url, *_] = cluster.database()
    ledger = bridge_ledger(url)
    await ledger.open()
    for node in others:
        node.kill()
    with pytest.raises(TransientError, match="1047"):
        await ledger.record(conversation(1, 1))
    last.query("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=yes'")
    async with asyncio.timeout(_BOOTSTRAP_SECONDS):
        while not await is_recorded(ledger):
            pass
    await ledger.close()
    assert len(await Store(url).messages()) == 1


async def is_recorded(ledger: SqlLedger) -> bool:
    try:
        await ledger.record(conversation(1, 1))
    except TransientError:
        return False
    return True


async def test_the_workers_of_a_killed_node_go_on_at_another(
    cluster: Galera, agent: AgentServer
) -> None:
    messages = conversation(200, 40)
    first, second, third = cluster.nodes
    urls = cluster.database()
    name = urls[0].rpartition("/")[2]
    await recorded(urls[0], messages)
    cluster.catch_up()
    async with (
        Entrance([first, second, third]) as one,
        Entrance([second, third, first]) as two,
        Entrance([third, first, second]) as three,
        worker(one.url(name), agent, agent_seconds=20) as stays,
        worker(two.url(name), agent, agent_seconds=20) as stays_too,
        worker(three.url(name), agent, agent_seconds=20) as moves,
    ):
        await moves.line(_DISPATCHED)
        before = moves.output.count(_DISPATCHED)
        third.kill()
        await all_dispatched(agent, messages)
        await asyncio.gather(*(process.stop() for process in (stays, stays_too, moves)))
    assert moves.output.count(_DISPATCHED) > before
    assert dispatched_again(agent, messages) <= CHATS_SIDE_BY_SIDE
    assert {row.state for row in await Store(urls[0]).messages()} == {"settled"}
