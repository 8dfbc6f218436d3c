"""A store with judged messages."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from izer_bridge.domain.analysis import Priority, raised
from izer_bridge.domain.message_state import State
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import ATTEMPT, IN_DANGER, RECORD, in_group, message

_RAISED = replace(
    RECORD, analysis=raised(IN_DANGER, Priority.CRITICAL), judged=IN_DANGER, raised_because="group"
)


@pytest.fixture
def judged(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A question and its answer, a raised message of a critical group, one that waits."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))

    async def fill() -> None:
        ledger = SqlLedger(store_url, SCREENING, "test")
        await ledger.open()
        mine = message(1, "Getirin bakalım", from_me=True)
        theirs = message(2, "Fren hâlâ tutmuyor!")
        group = in_group(3, "Depoda su var", chat_name="İzer Management")
        await ledger.record([mine, theirs, group])
        for record in (RECORD, _RAISED):
            [work] = await ledger.claim(1)
            before = await ledger.context(work.row_id, 20)
            await ledger.analysed(replace(work, history=before), record)
            await ledger.open()
            [work] = await ledger.claim(1)
            await ledger.attempted(work, ATTEMPT, State.DISPATCHED)
            await ledger.open()
            [work] = await ledger.claim(1)
            await ledger.settle(work)
        await ledger.record([message(4)])
        await ledger.close()

    asyncio.run(fill())
    return Store(store_url)
