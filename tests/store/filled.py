"""A store with something in every table that the bridge fills."""

from collections.abc import Sequence
from dataclasses import replace

from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Work
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.search.store.index import SearchIndex
from tests.store.messages import ATTEMPT, RECORD, in_group, message

_SCREENING = Screening(ImportanceRules.of([], []), False)


async def fill(url: str, messages: Sequence[Message] | None = None) -> None:
    """Record `messages`, or two in two chats, and work every analysed one to its end."""
    ledger = SqlLedger(url, _SCREENING, "filled")
    try:
        await ledger.open()
        await ledger.record(messages or [message(1, "Frenim tutmuyor, ACİL!"), in_group(2, "Rota")])
        while works := await ledger.claim(10):
            for work in works:
                await _settle(ledger, work)
        await read_words(ledger)
    finally:
        await ledger.close()


async def read_words(ledger: SqlLedger) -> None:
    """As a bridge does beside its work: messages are found by their words from then on."""
    index = SearchIndex(ledger.store, ledger.clock)
    while await index.read_some():
        pass


async def _settle(ledger: SqlLedger, work: Work) -> None:
    await ledger.analysed(replace(work, history=await ledger.context(work.row_id, 20)), RECORD)
    await ledger.attempted(replace(work, state=State.ANALYSED), ATTEMPT, State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))
