"""A MySQL server commits each definition immediately, so half of the definitions may exist."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect, text

from izer_bridge.domain.errors import ConfigError
from izer_bridge.store.alembic_run import upgrade
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate, revision
from izer_bridge.store.versions import MIGRATIONS, head
from tests.servers.mariadb import MariaDB
from tests.store.test_schema import differences

_DEFINITIONS = ("CREATE", "ALTER", "DROP")
_NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9001_of_a_test"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("place", sa.String(9)),
    )
    op.create_index("ix_visits_place", "visits", ["place"])
    op.add_column("chats", sa.Column("visits", sa.Integer()))
    op.create_index("ix_chats_visits", "chats", ["visits"])
    op.drop_index("ix_gaps_closed_at", "gaps")
    op.drop_column("chats", "name")
"""


class _EndedError(Exception):
    """Instead of a kill, which looks the same to a server: the connection ends."""


async def _ends(url: str, define: Callable[[Database], Awaitable[None]], most: int) -> bool:
    """Whether it ended before it had added more than this many definitions."""
    left = most

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal left
        left -= statement.lstrip().startswith(_DEFINITIONS)
        if left < 0:
            raise _EndedError

    async with Database(url) as database:
        event.listen(database.engines[0], "after_cursor_execute", count)
        try:
            await define(database)
        except _EndedError:
            return False
    return True


# An existing definition does not count, so that each start makes this much progress.
@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.attack("a first start that was killed half way is the last of its store")
async def test_a_first_start_that_was_cut_short_goes_on(mariadb: MariaDB, most: int) -> None:
    url, cut = mariadb.database(), 0
    while not await _ends(url, migrate, most):
        cut += 1
    assert cut > 15
    async with Database(url) as database:
        assert await database.read(differences) == []


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """The migrations, and one more that does what migrations do."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9001_of_a_test.py").write_text(_NEXT.format(before=head()))
    return folder


def _visits(connection: Connection) -> tuple[set[str], set[str], list[str | None]]:
    """The columns of the new table, those of an existing one, and its indexes over the new."""
    seen = inspect(connection)
    visits, chats = ({one["name"] for one in seen.get_columns(of)} for of in ("visits", "chats"))
    indexes = [one["name"] for one in seen.get_indexes("chats") if "visits" in one["column_names"]]
    return visits, chats & {"visits", "name"}, indexes


@pytest.mark.attack("a migration that was killed half way is the last of its store")
async def test_a_migration_that_was_cut_short_goes_on(mariadb: MariaDB, next_version: Path) -> None:
    url, cut = mariadb.store(), 0

    async def define(database: Database) -> None:
        await database.write(lambda connection: upgrade(connection, next_version))

    while not await _ends(url, define, 1):
        cut += 1
    assert cut > 2
    async with Database(url) as database:
        assert await database.read(revision) == "9001_of_a_test"
        expected = {"id", "place"}, {"visits"}, ["ix_chats_visits"]
        assert await database.read(_visits) == expected


@pytest.mark.parametrize("definition", ["media (id INTEGER)", "confirmed_groups (name TEXT)"])
async def test_a_table_of_somebody_else_is_not_taken_for_it(
    mariadb: MariaDB, definition: str
) -> None:
    """Nothing is created beside it, either."""
    async with Database(mariadb.database()) as database:
        await database.write(lambda one: one.execute(text(f"CREATE TABLE {definition}")))
        with pytest.raises(ConfigError, match=definition.split()[0]):
            await migrate(database)
        names = await database.read(lambda one: inspect(one).get_table_names())
        assert names == [definition.split()[0]]
