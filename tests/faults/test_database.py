"""A MariaDB that is killed, paused, restarted, deadlocked, or silent about what it committed."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.util import await_only

from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.store.database import Database
from izer_bridge.store.transactions import Change
from tests.end_to_end.http import get, post
from tests.end_to_end.stored import Store
from tests.end_to_end.test_process import WEBHOOK
from tests.faults.conftest import Opening
from tests.servers.mariadb import MariaDB
from tests.servers.proxy import ISOLATION, AnswerThief


async def says(bridge: BridgeProcess, status: str) -> None:
    """Wait until `/health` says so."""
    url = await bridge.url()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await get(f"{url}/health"))[1]["status"] != status:
            pass


def restart(server: MariaDB) -> None:
    server.stop()
    server.start()


@pytest.mark.parametrize(
    ("down", "up"),
    [(MariaDB.kill, MariaDB.start), (MariaDB.pause, MariaDB.resume), (MariaDB.stop, MariaDB.start)],
    ids=["killed", "paused", "stopped"],
)
async def test_a_store_that_is_away_costs_time_only(
    shop_on: Opening,
    database: MariaDB,
    down: Callable[[MariaDB], None],
    up: Callable[[MariaDB], None],
) -> None:
    shop = await shop_on(database.store())
    bridge = await shop.started()
    await shop.burst(20)
    down(database)
    try:
        await shop.burst(40)
        await says(bridge, "failing")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(one.delivery.done.wait() for one in shop.sent))
    finally:
        up(database)
    await shop.live(bridge)
    await shop.check()
    await says(bridge, "ok")


async def test_a_restart_in_a_burst_is_not_noticed(shop_on: Opening, database: MariaDB) -> None:
    shop = await shop_on(database.store())
    bridge = await shop.started()
    await asyncio.gather(shop.burst(60), asyncio.to_thread(restart, database))
    await shop.live(bridge)
    await shop.check()


async def test_the_webhook_says_that_the_store_is_away(shop_on: Opening, database: MariaDB) -> None:
    shop = await shop_on(database.store())
    bridge = await shop.started()
    await shop.burst(5)
    await shop.live(bridge)
    url = await bridge.url()
    database.kill()
    try:
        status, problem = await post(f"{url}/webhook", WEBHOOK)
        assert status == 503
        assert "store" in problem["detail"]
    finally:
        database.start()
    await says(bridge, "ok")
    assert (await post(f"{url}/webhook", WEBHOOK))[0] == 200
    rows = await Store(shop.store_url).messages()
    assert sum(row.message_id == WEBHOOK["message_id"] for row in rows) == 1


async def test_commits_whose_answers_are_lost_double_nothing(
    shop_on: Opening, database: MariaDB
) -> None:
    url = database.store()
    async with AnswerThief(database.port) as thief:
        shop = await shop_on(url)
        shop.settings["IZER_STORE__URL"] = thief.url(url.rpartition("/")[2])
        bridge = await shop.started()
        thief.steal = 12
        await shop.burst(60)
        await shop.live(bridge)
        assert thief.stolen == 12
        await shop.check()
        await shop.ended()


async def test_a_connection_that_is_lost_while_it_is_set_up_is_replaced(database: MariaDB) -> None:
    """Nothing wraps the driver's error in that moment."""
    url = database.store()
    async with AnswerThief(database.port, ISOLATION) as thief:
        thief.steal = 2
        async with Database(thief.url(url.rpartition("/")[2])) as store:
            assert await store.read(lambda one: one.scalar(text("SELECT 1"))) == 1
        assert thief.stolen == 2


async def test_a_deadlock_is_run_again_as_a_whole(database: MariaDB) -> None:
    url = database.store()
    await Store(url).execute("CREATE TABLE counters (id INT PRIMARY KEY, number INT NOT NULL)")
    await Store(url).execute("INSERT INTO counters VALUES (1, 0), (2, 0)")
    both_hold_one = asyncio.Barrier(2)
    repeated: list[int] = []

    def pause(attempt: int) -> float:
        repeated.append(attempt)
        return 0

    def crossing(first: int, second: int) -> Change[None]:
        def change(connection: Connection) -> None:
            add = text("UPDATE counters SET number = number + 1 WHERE id = :id")
            connection.execute(add, {"id": first})
            if not repeated:
                await_only(both_hold_one.wait())
            connection.execute(add, {"id": second})

        return change

    async with Database(url, pause=pause) as one, Database(url, pause=pause) as other:
        await asyncio.gather(one.write(crossing(1, 2)), other.write(crossing(2, 1)))
        numbers = await one.read(lambda it: it.scalars(text("SELECT number FROM counters")).all())
        assert list(numbers) == [2, 2]
    assert repeated == [1]


@pytest.mark.parametrize("moment", ["amid an answer", "amid the end of its transaction"])
async def test_whoever_waits_for_a_store_that_hangs_can_be_told_to_stop(
    database: MariaDB, moment: str
) -> None:
    """Once, and while the store still hangs: as at the end of the bridge."""
    hangs = asyncio.Event()

    def hang(*_: object) -> None:
        database.pause()
        hangs.set()

    def change(connection: Connection) -> None:
        connection.execute(text("SELECT 1"))
        if moment == "amid an answer":
            hang()
            connection.execute(text("SELECT 2"))

    store = Database(database.store())
    if moment != "amid an answer":
        event.listen(store.engines[1], "commit", hang)
    reading = asyncio.create_task(store.read(change))
    try:
        await hangs.wait()
        reading.cancel()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.wait([reading])
        assert reading.cancelled()
    finally:
        database.resume()
    await store.close()
