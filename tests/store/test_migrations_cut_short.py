"""A MySQL server commits each definition as it comes, so half of a migration may be there."""

from typing import Any

import pytest
from sqlalchemy import event, text

from izer_bridge.domain.errors import ConfigError
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.servers.mariadb import MariaDB
from tests.store.test_schema import differences

_DEFINITIONS = ("CREATE", "ALTER", "DROP")


class _EndedError(Exception):
    """In place of a kill, which a server sees as it sees this: the connection ends."""


async def migrate_a_bit(url: str, most: int) -> bool:
    """Whether it came to its end before it had defined more than so many things anew."""
    left = most

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal left
        left -= statement.lstrip().startswith(_DEFINITIONS)
        if left < 0:
            raise _EndedError

    async with Database(url) as database:
        event.listen(database.engines[0], "after_cursor_execute", count)
        try:
            await migrate(database)
        except _EndedError:
            return False
    return True


# Not after each single one: what alters a column is done again, and would be cut for ever.
@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.attack("a migration that was killed half way is the last of its store")
async def test_what_was_cut_short_goes_on(mariadb: MariaDB, most: int) -> None:
    url, cut = mariadb.database(), 0
    while not await migrate_a_bit(url, most):
        cut += 1
    assert cut > 20
    async with Database(url) as database:
        assert await database.read(differences) == []


@pytest.mark.parametrize("definition", ["media (id INTEGER)", "confirmed_groups (name TEXT)"])
async def test_a_table_of_somebody_else_is_not_taken_for_it(
    mariadb: MariaDB, definition: str
) -> None:
    async with Database(mariadb.database()) as database:
        await database.write(lambda one: one.execute(text(f"CREATE TABLE {definition}")))
        with pytest.raises(ConfigError, match=definition.split()[0]):
            await migrate(database)
