"""How much the store reads per message, and for the counts: the same, however old it is.

Each statement is checked twice: its plan, and what it has really read or sorted. SQLite's plans do
not show which range of an index grows.
"""

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.servers.mariadb import MariaDB
from tests.store import many
from tests.store.ledgers import Clock
from tests.store.messages import NOON
from tests.store.watching import Said, watching
from tests.store.whole_way import Way, opened

_ROWS = 100_000
# One chat's tenth of the rows would be too many, too.
_MOST = {"sqlite": 50_000, "mysql": 5_000}

_GROWING = (*many.GROWING, "first_message", "later_message", "target", "later_reaction", "again")


@pytest.fixture(params=["sqlite", "mariadb"])
def old_store(request: pytest.FixtureRequest, tmp_path: Path, sqlite_store: Path) -> str:
    """The URL of a store with a hundred thousand messages."""
    if request.param == "mariadb":
        server: MariaDB = request.getfixturevalue("mariadb")
        url = server.store()
    else:
        url = f"sqlite:///{shutil.copy(sqlite_store, tmp_path / 'store.db')}"
    many.fill(url, _ROWS, NOON)
    return url


async def test_no_step_and_no_count_reads_what_grows(old_store: str) -> None:
    clock = Clock()
    said: list[Said] = []
    async with opened(old_store, clock) as ledger:
        with watching() as watch:
            await Way(ledger, clock).go()
        said += watch.said
    # The planner reads its statistics when it opens the file.
    many.analyse(old_store)
    async with opened(old_store, clock) as ledger:
        with watching() as watch:
            await Way(ledger, clock, first=100).go()
        said += watch.said
    kind = "sqlite" if old_store.startswith("sqlite") else "mysql"
    assert len({one.statement for one in said}) > 100
    assert [one for one in said if one.work > _MOST[kind]] == []
    with many.connected(old_store) as connection:
        plans = _sqlite_plans if kind == "sqlite" else _mysql_plans
        read = {one.statement: one for one in said if not one.statement.startswith("INSERT")}
        assert [plan for one in read.values() for plan in plans(connection, one)] == []


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
