"""What a transaction raises: an outage is told from values that no try will make right."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from izer_bridge.store.database import Database
from izer_bridge.store.ledger import SqlLedger
from izer_bridge.store.tables import contacts


async def test_a_key_that_stays_a_duplicate_is_no_outage(ledger: SqlLedger, store_url: str) -> None:
    """A race ends with the next try; values that are at fault stay so."""
    twice = [{"number": "+905551112233", "name": ""}] * 2
    async with Database(store_url, pause=lambda _: 0) as database:
        with pytest.raises(DBAPIError):
            await database.write(lambda one: one.execute(insert(contacts), twice))
