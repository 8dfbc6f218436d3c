"""Errors of transactions: an outage is distinguished from values that no retry can fix."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only, greenlet_spawn

from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.store.database import Database
from izer_bridge.store.tables import contacts
from izer_bridge.store.transactions import InThreads


async def test_a_key_that_stays_a_duplicate_is_no_outage(ledger: SqlLedger, store_url: str) -> None:
    """A race ends with the next attempt; faulty values stay faulty."""
    twice = [{"number": "+905551112233", "name": ""}] * 2
    async with Database(store_url, pause=lambda _: 0) as database:
        with pytest.raises(DBAPIError):
            await database.write(lambda one: one.execute(insert(contacts), twice))


async def test_a_read_sees_one_moment_and_a_write_what_is_committed(
    ledger: SqlLedger, store_url: str
) -> None:
    """Even if both use one connection: what held for one must not hold for the next."""
    loop = asyncio.get_running_loop()

    async with Database(store_url) as database, Database(store_url) as other:

        def seen(connection: Connection) -> tuple[int, int]:
            before = _count(connection)
            if connection.dialect.is_async:
                await_only(other.write(_add))
            elif reads:
                asyncio.run_coroutine_threadsafe(other.write(_add), loop).result()
            else:
                # Nobody else can write meanwhile.
                return before, before + 1
            return before, _count(connection)

        for reads, more in ((True, 0), (False, 1), (True, 0)):
            before, after = await (database.read if reads else database.write)(seen)
            assert after == before + more, "reading" if reads else "writing"


async def test_no_transaction_stays_open_on_a_connection_that_goes_back(
    ledger: SqlLedger, store_url: str
) -> None:
    """Otherwise it would hold its locks, and the connection's next user would commit it."""
    async with Database(store_url) as database:
        await greenlet_spawn(_leave_open, database.engines[0])
        await database.write(_count)
        assert await database.read(_count) == 0


def _leave_open(engine: Engine) -> None:
    connection = engine.raw_connection()
    cursor = connection.cursor()
    if engine.dialect.name == "sqlite":
        cursor.execute("BEGIN IMMEDIATE")
    cursor.execute("INSERT INTO contacts (number, name) VALUES ('+905551112244', '')")
    cursor.close()
    connection.close()


def _count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(contacts)) or 0


def _add(connection: Connection) -> None:
    connection.execute(insert(contacts), {"number": None, "name": ""})


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_what_nobody_waits_for_any_more_leaves_nothing(
    ledger: SqlLedger, store_url: str
) -> None:
    """Its thread cannot be stopped, so its work is rolled back when it ends."""
    begun, may_end = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        _add(connection)
        begun.set()
        may_end.wait()

    async with Database(store_url) as database:
        [writes, _] = database.engines
        job = asyncio.create_task(InThreads(writes, 1).run([slow]))
        await asyncio.to_thread(begun.wait)
        job.cancel()
        await asyncio.wait([job])
        assert job.cancelled()
        may_end.set()
        await database.write(_add)
        assert await database.read(_count) == 1
