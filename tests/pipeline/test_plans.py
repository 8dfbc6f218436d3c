"""How much the store reads per message, and for what people look at: the same, however old it is.

Each statement is checked twice: its plan, and what it has really read or sorted. SQLite's plans do
not show which range of an index grows.
"""

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Connection

from izer_bridge.events.store.deliveries import Deliveries
from izer_bridge.pipeline.store.browsing import Browsing, MessageFilter
from izer_bridge.reports.report import PeriodName
from tests.servers.mariadb import MariaDB
from tests.store import many
from tests.store.ledgers import Clock
from tests.store.messages import NOON
from tests.store.watching import Said, watching
from tests.store.whole_look import Look
from tests.store.whole_way import Way, opened

_ROWS = 100_000
_A_MINUTE = timedelta(minutes=1)
_TWO_WEEKS = 14 * 24 * 60
_TWO_MONTHS = timedelta(days=62)
# One chat's tenth of the rows would be too many, too.
_MOST = {"sqlite": 50_000, "mysql": 5_000}

_GROWING = (*many.GROWING, "first_message", "later_message", "target", "later_reaction", "again")


class Filling(Protocol):
    def __call__(self, rows: int, step: timedelta = _A_MINUTE) -> str: ...


@pytest.fixture(params=["sqlite", "mariadb"])
def filled(request: pytest.FixtureRequest, tmp_path: Path, sqlite_store: Path) -> Filling:
    """Fills a store with so many messages, one a minute or as given, and returns its URL."""

    def fill(rows: int, step: timedelta = _A_MINUTE) -> str:
        if request.param == "mariadb":
            server: MariaDB = request.getfixturevalue("mariadb")
            url = server.store()
        else:
            url = f"sqlite:///{shutil.copy(sqlite_store, tmp_path / f'{rows}.db')}"
        many.fill(url, rows, NOON, step)
        return url

    return fill


async def test_no_step_no_count_and_no_look_reads_what_grows(filled: Filling) -> None:
    old_store = filled(_ROWS)
    clock = Clock()
    many.index(old_store)
    said = await _said(old_store, clock, first=0)
    # The planner reads its statistics when it opens the file.
    many.analyse(old_store)
    said += await _said(old_store, clock, first=100)
    kind = "sqlite" if old_store.startswith("sqlite") else "mysql"
    assert len({one.statement for one in said}) > 140
    assert [one for one in said if one.work > _MOST[kind]] == []
    with many.connected(old_store) as connection:
        plans = _sqlite_plans if kind == "sqlite" else _mysql_plans
        read = {one.statement: one for one in said if not one.statement.startswith("INSERT")}
        assert [plan for one in read.values() for plan in plans(connection, one)] == []


async def test_a_report_reads_no_more_of_an_older_store(filled: Filling) -> None:
    """It reads sums of hours: both stores have those of both days."""
    reads = []
    for rows in (_TWO_WEEKS, 3 * _TWO_WEEKS):
        url, clock = filled(rows), Clock()
        many.analyse(url)
        async with opened(url, clock) as ledger:
            with watching() as watch:
                await Look(ledger, clock).report(PeriodName.YESTERDAY)
        reads.append(sum(one.work for one in watch.said))
    assert 0 < reads[1] < 1.1 * reads[0]


async def test_no_report_reads_more_where_more_was_said(filled: Filling) -> None:
    """In the same hours: four messages in each, or thirty."""
    reads = []
    for step in (timedelta(minutes=15), timedelta(minutes=2)):
        url, clock = filled(_TWO_MONTHS // step, step), Clock()
        many.analyse(url)
        async with opened(url, clock) as ledger:
            with watching() as watch:
                for name in PeriodName:
                    await Look(ledger, clock).report(name)
        reads.append(sum(one.work for one in watch.said))
    assert 0 < reads[1] < 1.1 * reads[0]


async def test_a_search_for_what_all_say_reads_no_more_of_an_older_store(
    filled: Filling,
) -> None:
    reads = []
    for rows in (_TWO_WEEKS, 3 * _TWO_WEEKS):
        url, clock = filled(rows), Clock()
        many.index(url)
        async with opened(url, clock) as ledger:
            with watching() as watch:
                assert await Look(ledger, clock).found("fren")
        reads.append(sum(one.work for one in watch.said))
    assert 0 < reads[1] < 1.1 * reads[0]


async def test_who_is_named_by_an_address_is_found_without_reading_all_names(
    filled: Filling,
) -> None:
    """Names can only be compared one by one; programs and people who copy a number wait less."""
    async with Browsing(filled(_TWO_WEEKS)) as stored:
        with watching() as watch:
            assert await stored.last(MessageFilter(chat="+90 555 100 0005"), 1)
            assert await stored.last(MessageFilter(person="100000005@lid"), 1)
    assert max(one.work for one in watch.said if "contacts" in one.statement) <= 100


async def _said(url: str, clock: Clock, first: int) -> list[Said]:
    async with opened(url, clock) as ledger:
        with watching() as watch:
            await Look(ledger, clock).go()
            await Way(ledger, clock, first).go()
            async with Deliveries(url, ["crm"], clock) as deliveries:
                await deliveries.list()
                await deliveries.drop(None)
    return watch.said


def _sqlite_plans(connection: Connection, one: Said) -> list[str]:
    """Scans of whole tables, or of whole indexes except those over a few rows."""
    partial = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    ).scalars()
    few = {f"USING INDEX {name}" for name in partial}
    explained = f"EXPLAIN QUERY PLAN {one.statement}"
    # Plans do not say what is sorted; the sort steps are counted as they are taken.
    steps = [row[-1] for row in connection.exec_driver_sql(explained, tuple(one.values))]
    return [
        f"{step}: {one.statement}"
        for step in steps
        if re.match(rf"SCAN ({'|'.join(_GROWING)})\b", step)
        and not any(part in step.replace("COVERING ", "") for part in few)
    ]


def _mysql_plans(connection: Connection, one: Said) -> list[str]:
    """Scans of many rows, and sorts of many; a range that a limit ends does not count."""
    explain = f"EXPLAIN FORMAT=TRADITIONAL {one.statement}"
    found = connection.exec_driver_sql(explain, tuple(one.values))
    return [
        f"{dict(step)}: {one.statement}"
        for step in found.mappings()
        # "12 (1%)", where it filters by a second index.
        if int(str(step["rows"] or 0).split()[0]) > _MOST["mysql"]
        and (step["type"] in ("ALL", "index") or re.search("filesort|temporary", step["Extra"]))
    ]
