"""How long a message, the counts and what people look at take in an old store, and in a new one."""

import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.report import PeriodName
from tests.servers.mariadb import MariaDB
from tests.store import many
from tests.store.ledgers import Clock, counts_of
from tests.store.messages import NOON, RECORD, message
from tests.store.whole_look import Look
from tests.store.whole_way import ANSWERED, CUSTOMER, counts, opened

_NEW = 1_000
_ROUNDS = 30


@dataclass(frozen=True)
class Grown:
    """One operation's time in milliseconds; `store` says where, and whether after `ANALYZE`."""

    store: str
    what: str
    new_ms: float
    old_ms: float

    @property
    def is_alike(self) -> bool:
        """Whether there is no more to read in the old one."""
        return self.what not in _MORE_TO_SHOW


async def measure_growth(server: MariaDB, rows: int) -> list[Grown]:
    """At `rows` messages, on SQLite and on `server`."""
    with tempfile.TemporaryDirectory() as scratch:
        new, old = (f"sqlite:///{Path(scratch) / name}.db" for name in ("new", "old"))
        on_sqlite = [one async for one in _compared("SQLite", new, old, rows)]
    new, old = server.database(), server.database()
    return on_sqlite + [one async for one in _compared(server.name, new, old, rows)]


@dataclass
class _Store:
    """One open store, and the operations on it."""

    ledger: SqlLedger
    clock: Clock
    number: int = 0

    async def message(self) -> None:
        """From its recording to its draft, in the chat that contains a tenth of all."""
        self.number += 1
        self.clock.forward(1)
        said = message(self.number, chat=CUSTOMER, sent_at=self.clock())
        await self.ledger.record([said])
        works = await self.ledger.claim(16, run=50, context=20)
        await self.ledger.finish([Worked(one, RECORD, ANSWERED) for one in works])

    async def stats(self) -> None:
        await counts_of(self.ledger).stats()

    async def metrics(self) -> None:
        await counts(self.ledger, self.clock)

    async def search(self) -> None:
        """For a word that two messages in a thousand have, newest first and best first."""
        assert await self._look.found("nadir")

    async def common_search(self) -> None:
        """For one that all have."""
        assert await self._look.found("fren")

    async def page(self) -> None:
        """Of the chat that contains a tenth of all."""
        assert (await self._look.latest_page()).messages

    async def report(self) -> None:
        await self._look.report(PeriodName.LAST_MONTH)

    @property
    def _look(self) -> Look:
        return Look(self.ledger, self.clock)


async def _took(step: Awaitable[None]) -> float:
    start = time.perf_counter()
    await step
    return (time.perf_counter() - start) * 1000


async def _compared(name: str, new_url: str, old_url: str, rows: int) -> AsyncIterator[Grown]:
    for url, count in ((new_url, _NEW), (old_url, rows)):
        async with opened(url, Clock()):
            many.fill(url, count, NOON)
        many.index(url)
    for store, first in ((name, 0), (f"{name} after ANALYZE", 10 * _ROUNDS)):
        new_clock, old_clock = Clock(), Clock()
        async with opened(new_url, new_clock) as new, opened(old_url, old_clock) as old:
            stores = _Store(new, new_clock, first), _Store(old, old_clock, first)
            for what, step in _STEPS.items():
                # In turn, so that a busy machine affects both.
                taken = [[await _took(step(one)) for one in stores] for _ in range(_ROUNDS)]
                of_new, of_old = (median(column) for column in zip(*taken, strict=True))
                yield Grown(store, what, of_new, of_old)
        for url in (new_url, old_url):
            many.analyse(url)


# A new store has neither as many hits nor a whole month.
_MORE_TO_SHOW = ("two searches", "two for a common word", "a month's report")
_STEPS = {
    "a message": _Store.message,
    "/stats": _Store.stats,
    "/metrics": _Store.metrics,
    "two searches": _Store.search,
    "two for a common word": _Store.common_search,
    "a page of a chat": _Store.page,
    "a month's report": _Store.report,
}
