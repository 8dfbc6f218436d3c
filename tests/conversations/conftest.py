"""A shop's store on each kind of database."""

from collections.abc import AsyncIterator

import pytest

from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from tests.conversations.shop import RULES, ShopStore
from tests.store.ledgers import Clock


@pytest.fixture
async def shop_store(store_url: str, clock: Clock) -> AsyncIterator[ShopStore]:
    clock.forward(60)
    rules = ImportanceRules.of(["+905551110007"], ["İzer Management"])
    ledger = SqlLedger(store_url, Screening(rules, False, clock=RULES), "me", clock=clock)
    await ledger.open()
    yield ShopStore(ledger, SqlConversations(ledger.store, clock, RULES))
    await ledger.close()
