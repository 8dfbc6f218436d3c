"""What the search index costs a store, and how long searches and reports take in an old one."""

import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import make_url, text

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.pipeline.store.browsing import MessageFilter
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.report import PeriodName
from izer_bridge.reports.store.report import read_report
from izer_bridge.search.store.find import Search, find
from izer_bridge.search.store.index import SearchIndex
from izer_bridge.upkeep.store.forget import sweep_words
from tests.servers.mariadb import MariaDB
from tests.store import many
from tests.store.ledgers import Clock
from tests.store.messages import NOON
from tests.store.whole_way import opened

_SAID = Path(__file__).parents[1] / "data" / "analysis-train.jsonl"
_ROUNDS, _PAGE = 9, 30
_ZONE = ZoneInfo("Europe/Istanbul")


@dataclass(frozen=True)
class Searched:
    """In one store: bytes a message, messages read a second, and milliseconds of each question."""

    store: str
    rows: int
    grown_bytes: float
    tidy_bytes: float
    read_per_second: float
    newest_ms: float
    best_ms: float
    rare_ms: float
    report_ms: float


async def measure_search(server: MariaDB, rows: int) -> list[Searched]:
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'old.db'}"
        on_sqlite = [one async for one in _searched("SQLite", url, rows)]
    server.query("SET GLOBAL innodb_file_per_table = ON")
    return on_sqlite + [one async for one in _searched(server.name, server.database(), rows)]


async def _searched(name: str, url: str, rows: int) -> AsyncIterator[Searched]:
    clock = Clock()
    async with opened(url, clock):
        many.fill(url, rows, NOON)
    _say(url, rows)
    async with opened(url, clock) as ledger:
        began = time.perf_counter()
        index = SearchIndex(ledger.store, clock)
        while await index.read_some():
            pass
        seconds = time.perf_counter() - began
        grown = round(_bytes(url) / rows, 1)
        await sweep_words(url)
        yield Searched(
            name,
            rows,
            grown,
            round(_bytes(url) / rows, 1),
            round(rows / seconds),
            newest_ms=await _median(lambda: _page(ledger, "fren")),
            best_ms=await _median(lambda: _page(ledger, "fren ne", is_best_first=True)),
            rare_ms=await _median(lambda: _page(ledger, f"n{rows // 2}")),
            report_ms=await _median(lambda: _report(ledger, clock)),
        )


def _say(url: str, rows: int) -> None:
    """Something that customers say in each message, and a number of its own."""
    said = [json.loads(line)["message"] for line in _SAID.read_text("utf-8").splitlines()]
    choose = random.Random(11)
    change = text("UPDATE webhook_messages SET current_message = :said WHERE id = :id")
    with many.connected(url) as connection:
        for start in range(1, rows + 1, 10_000):
            ids = range(start, min(start + 10_000, rows + 1))
            values = [{"id": row, "said": f"{choose.choice(said)} n{row}"} for row in ids]
            connection.execute(change, values)


async def _page(ledger: SqlLedger, terms: str, *, is_best_first: bool = False) -> None:
    search = Search(terms, MessageFilter(), is_best_first)
    store = await ledger.store()
    found = await store.read(lambda connection: find(connection, search, _PAGE))
    assert found.messages


async def _report(ledger: SqlLedger, clock: Clock) -> None:
    store = await ledger.store()
    report = await store.read(
        lambda one: read_report(one, PeriodName.LAST_MONTH, clock(), _ZONE, ClockRules())
    )
    assert report.now.messages


async def _median(ask: Callable[[], Awaitable[None]]) -> float:
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began) * 1000)
    return round(median(took), 1)


def _bytes(url: str) -> float:
    """Of the words and of the index over them, on the disk."""
    parsed = make_url(url)
    if parsed.drivername == "sqlite":
        with closing(connect(str(parsed.database))) as store:
            asked = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search_%'"
            return float(store.execute(asked).fetchone()[0])
    with many.connected(url) as connection:
        folder = Path(str(connection.exec_driver_sql("SELECT @@datadir").scalar()))
    files = (folder / str(parsed.database)).iterdir()
    return sum(
        one.stat().st_size for one in files if one.name.lower().startswith(("search_words", "fts_"))
    )
