"""How long a message and the counts take in an old store, against those in a new one.

`python -m tests.bench.growth [--rows N]`: on SQLite and MariaDB, before and after `ANALYZE`.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from izer_bridge.pipeline.ports import Worked
from izer_bridge.store.ledger import SqlLedger
from tests.servers.mariadb import MariaDB
from tests.store import many
from tests.store.conftest import Clock
from tests.store.messages import NOON, RECORD, message
from tests.store.whole_way import ANSWERED, CUSTOMER, counts, opened

_NEW = 1_000
_ROUNDS = 30
# What an old store may take: so many times a new one's, and so many milliseconds.
_TIMES, _AND_MS = 1.5, 5.0


@dataclass
class _Store:
    """One store, open, and what is asked of it."""

    ledger: SqlLedger
    clock: Clock
    number: int = 0

    async def message(self) -> None:
        """From its record to its draft, in the chat that holds a tenth of all."""
        self.number += 1
        self.clock.forward(1)
        said = message(self.number, chat=CUSTOMER, sent_at=self.clock())
        await self.ledger.record([said])
        works = await self.ledger.claim(16, run=50, context=20)
        await self.ledger.finish([Worked(one, RECORD, ANSWERED) for one in works])

    async def stats(self) -> None:
        await self.ledger.stats()

    async def metrics(self) -> None:
        await counts(self.ledger, self.clock)


async def _took(step: Awaitable[None]) -> float:
    start = time.perf_counter()
    await step
    return (time.perf_counter() - start) * 1000


async def _compare(name: str, new_url: str, old_url: str, rows: int) -> None:
    for url, count in ((new_url, _NEW), (old_url, rows)):
        async with opened(url, Clock()):
            many.fill(url, count, NOON)
    first = 0
    for when in ("before", "after"):
        new_clock, old_clock = Clock(), Clock()
        async with opened(new_url, new_clock) as new, opened(old_url, old_clock) as old:
            await _alternate(
                f"{name:8} {when:6} ANALYZE",
                _Store(new, new_clock, first),
                _Store(old, old_clock, first),
            )
        first += 10 * _ROUNDS
        for url in (new_url, old_url):
            many.analyse(url)


async def _alternate(name: str, new: _Store, old: _Store) -> None:
    """Round about, so that a machine that is busy is so for both."""
    for what in ("message", "stats", "metrics"):
        taken = [
            (await _took(getattr(new, what)()), await _took(getattr(old, what)()))
            for _ in range(_ROUNDS)
        ]
        of_new, of_old = (median(column) for column in zip(*taken, strict=True))
        most = _TIMES * of_new + _AND_MS
        verdict = "reached" if of_old <= most else f"more than {most:.1f}"
        told = f"{name} {what:8} {of_new:6.1f} ms in a new store, {of_old:6.1f} in an old one"
        print(f"{told}: {verdict}", flush=True)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as scratch:
        new, old = (f"sqlite:///{Path(scratch) / name}.db" for name in ("new", "old"))
        asyncio.run(_compare("SQLite", new, old, rows))
        (folder := Path(scratch) / "mariadb").mkdir()
        server = MariaDB(folder, ["--innodb-buffer-pool-size=512M"])
        server.start()
        try:
            asyncio.run(_compare("MariaDB", server.database(), server.database(), rows))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
