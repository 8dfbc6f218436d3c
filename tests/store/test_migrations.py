"""A store of the first version is brought to this program's tables, on both databases."""

from pathlib import Path

from sqlalchemy import text

from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate, revision
from izer_bridge.store.versions import head
from tests.store.test_schema import differences

# What `schema.sql` and SQLite's own catalogue said when the first version was the newest.
_FIRST = Path(__file__).with_name("first_version")


async def test_the_tables_of_the_first_version_become_todays(empty_url: str) -> None:
    kind = "sqlite" if empty_url.startswith("sqlite") else "mysql"
    made = (_FIRST / f"{kind}.sql").read_text("utf-8").split(";\n")
    async with Database(empty_url) as database:
        for statement in filter(str.strip, made):
            await database.write(lambda one, said=statement: one.execute(text(said)))  # type: ignore[misc]
        assert await database.read(revision) == "0001_first_tables"
        await migrate(database)
        assert await database.read(revision) == head()
        assert await database.read(differences) == []
