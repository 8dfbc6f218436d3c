"""An open ledger on each kind of store, with a clock that stands until a test moves it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from izer_bridge.conditions.store.live import LiveCounts
from izer_bridge.domain.cost import NO_BUDGET, Budget
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.reports.store.sums import SqlSums
from izer_bridge.upkeep.store.retention import SqlRetention
from tests.end_to_end.stored import Store
from tests.store.messages import NOON

SCREENING = Screening(ImportanceRules.of(["+49 1555 0100266"], ["İzer Management"]), False)


@dataclass
class Clock:
    """Time that a test moves by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stored(store_url: str) -> Store:
    return Store(store_url)


Opened = Callable[[str], Awaitable[SqlLedger]]


@pytest.fixture
async def opened(store_url: str, clock: Clock) -> AsyncIterator[Opened]:
    """Opens a ledger of the given owner; all are closed at the end."""
    ledgers = []

    async def open_one(owner: str) -> SqlLedger:
        ledger = SqlLedger(store_url, SCREENING, owner, lease_seconds=60, clock=clock)
        ledgers.append(ledger)
        await ledger.open()
        return ledger

    yield open_one
    for ledger in ledgers:
        await ledger.close()


@pytest.fixture
async def ledger(opened: Opened) -> SqlLedger:
    return await opened("me")


def counts_of(ledger: SqlLedger, budget: Budget = NO_BUDGET) -> LiveCounts:
    return LiveCounts(ledger.store, ledger.clock, budget)


def sums_of(ledger: SqlLedger) -> SqlSums:
    return SqlSums(ledger.store, ledger.clock)


def retention_of(ledger: SqlLedger) -> SqlRetention:
    return SqlRetention(ledger.store)
