"""A store of the first version is brought to this program's tables, on both databases."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from izer_bridge.reports.store.counting import ALL, RECORDED
from izer_bridge.reports.store.sums import moment
from izer_bridge.store.changed_hours import MARK, hour_of, row_of
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate, revision
from izer_bridge.store.tables import system_stats
from izer_bridge.store.versions import head
from tests.store.test_schema import differences

# What `schema.sql` and SQLite's own catalogue said when the first version was the newest.
_FIRST = Path(__file__).with_name("first_version")


@pytest.fixture
async def first_version(empty_url: str) -> AsyncIterator[Database]:
    kind = "sqlite" if empty_url.startswith("sqlite") else "mysql"
    made = (_FIRST / f"{kind}.sql").read_text("utf-8").split(";\n")
    async with Database(empty_url) as database:
        for statement in filter(str.strip, made):
            await database.write(lambda one, said=statement: one.execute(text(said)))  # type: ignore[misc]
        assert await database.read(revision) == "0001_first_tables"
        yield database


async def test_the_tables_of_the_first_version_become_todays(first_version: Database) -> None:
    await migrate(first_version)
    assert await first_version.read(revision) == head()
    assert await first_version.read(differences) == []


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_the_indexes_of_the_first_version_become_todays(
    first_version: Database, sqlite_store: Path
) -> None:
    """Word for word: Alembic does not compare over which rows an index is."""
    await migrate(first_version)
    async with Database(f"sqlite:///{sqlite_store}") as new:
        assert await first_version.read(_indexes) == await new.read(_indexes)


def _indexes(connection: Connection) -> dict[str, str]:
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    return {name: re.sub(r"[\s()]+", " ", said) for name, said in connection.execute(text(asked))}


async def test_the_hours_of_two_months_are_summed_again(first_version: Database) -> None:
    """The sums of before have no figures for reports."""
    now = datetime.now(UTC)
    hours = [hour_of(now - timedelta(days=age)) for age in (90, 60, 1)]
    sums = [row_of(hour, RECORDED, ALL, 3, now) for hour in hours]
    await first_version.write(lambda one: one.execute(insert(system_stats), sums))
    await migrate(first_version)
    assert await first_version.read(_marked) == hours[1:]


def _marked(connection: Connection) -> list[datetime]:
    columns = system_stats.c
    query = select(columns.reference_date, columns.hour).where(columns.stat_type == MARK)
    return sorted(moment(*row) for row in connection.execute(query))
