"""One cluster for all tests, whole again before each; ledgers whose owners use several nodes."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.servers.galera import PROVIDER, Galera
from tests.store.ledgers import SCREENING, Clock, Opened


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Galera]:
    if not PROVIDER.exists():
        pytest.fail("Galera is missing: sudo apt install galera-4 mariadb-server rsync")
    with tempfile.TemporaryDirectory(prefix="galera-") as folder:
        cluster = Galera(Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture
def cluster(running_cluster: Galera) -> Galera:
    running_cluster.revive()
    return running_cluster


@pytest.fixture
def causal(cluster: Galera) -> Iterator[Galera]:
    """Every statement sees what was committed before it at any node."""
    for node in cluster.nodes:
        node.query("SET GLOBAL wsrep_sync_wait = 15")
    yield cluster
    for node in cluster.nodes:
        node.query("SET GLOBAL wsrep_sync_wait = 0")


@pytest.fixture
def store_urls(causal: Galera) -> list[str]:
    """One empty store, at each node."""
    return causal.database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stored(store_urls: list[str]) -> Store:
    return Store(store_urls[-1])


@pytest.fixture
async def opened(store_urls: list[str], clock: Clock) -> AsyncIterator[Opened]:
    """Opens a ledger of the given owner, each at the next node; all are closed at the end."""
    ledgers = []
    urls = itertools.cycle(store_urls)

    async def open_one(owner: str) -> SqlLedger:
        ledger = SqlLedger(next(urls), SCREENING, owner, lease_seconds=60, clock=clock)
        ledgers.append(ledger)
        await ledger.open()
        return ledger

    yield open_one
    for ledger in ledgers:
        await ledger.close()


@pytest.fixture
async def ledger(opened: Opened) -> SqlLedger:
    return await opened("me")
