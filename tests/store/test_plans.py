"""How SQLite gets at the rows that a message's way needs: by an index, however many there are."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from izer_bridge.store.ledger import SqlLedger
from tests.store.messages import message
from tests.store.test_ledger import claimed, settled

_GROWING = ("webhook_messages", "posted_history", "analytics_results", "agent_routing", "outbox")
_WORDS = ("SELECT", "UPDATE", "DELETE")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_no_step_reads_a_whole_table(ledger: SqlLedger, store_url: str) -> None:
    said: dict[str, Any] = {}

    def note(_c: object, _r: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith(_WORDS):
            said[statement] = values

    await ledger.record([message(1)])
    event.listen(Engine, "before_cursor_execute", note)
    try:
        await ledger.record([message(2)])
        work = await claimed(ledger)
        await ledger.context(work.row_id, 20)
        await settled(ledger, work)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(said) > 10
    assert [plan for one in said.items() for plan in _scans(store_url, *one)] == []


def _scans(store_url: str, statement: str, values: Sequence[Any]) -> list[str]:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values)).all()
    engine.dispose()
    return [
        f"{step[-1]}: {statement}"
        for step in steps
        if any(step[-1] == f"SCAN {table}" for table in _GROWING)
    ]
