"""A new store, the tables in code and `schema.sql` are the same thing said three times."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from izer_bridge.domain.errors import ConfigError
from izer_bridge.store.alembic_run import upgrade
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate, require, revision
from izer_bridge.store.schema_file import DATABASE, schema_sql
from izer_bridge.store.sqlite_copy import SEARCH_INDEX
from izer_bridge.store.tables import metadata
from izer_bridge.store.versions import head
from tests.servers.mariadb import MariaDB

SCHEMA = Path(__file__).parents[2] / "schema.sql"
LEGACY = {
    "webhook_messages": "id message_id chat_time chat_name phone_number current_message"
    " is_vip_customer raw_data created_at updated_at",
    "message_history": "id webhook_message_id sender content timestamp message_type from_me"
    " created_at",
    "analytics_results": "id webhook_message_id urgency_score category sentiment priority_level"
    " action_required recommended_response_time keywords confidence_score analysis_details"
    " processed_at",
    "agent_routing": "id webhook_message_id agent_type agent_url routing_success response_data"
    " response_time_ms error_message routed_at",
    "critical_groups": "id group_name group_identifier priority_level auto_escalate"
    " max_response_time_minutes notification_settings is_active created_at updated_at",
    "important_customers": "id customer_name phone_number priority_level customer_type"
    " auto_escalate preferred_agent_type special_instructions max_response_time_minutes"
    " contact_info is_active created_at updated_at",
    "system_stats": "id stat_type stat_value numeric_value time_period reference_date"
    " additional_data created_at",
}


def differences(connection: Connection) -> list[object]:
    """Without what SQLite alone has: the search index, a table with tables of its own, and an index
    for which the tables in code have a statement.
    """
    context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
    return list(compare_metadata(context, metadata))


def _is_ours(name: str | None, _kind: str, _parents: object) -> bool:
    return not str(name).startswith(SEARCH_INDEX) and name != "ix_webhook_messages_dead"


async def test_a_new_store_has_the_tables_in_code(empty_url: str) -> None:
    async with Database(empty_url) as database:
        await migrate(database)
        await migrate(database)
        assert await database.read(differences) == []


async def test_a_migration_begins_where_a_new_store_is(empty_url: str) -> None:
    """Alembic knows a new store's mark, and has nothing to do from there."""
    async with Database(empty_url) as database:
        await migrate(database)
        await database.write(upgrade)
        assert await database.read(revision) == head()
        assert await database.read(differences) == []


def test_the_file_is_what_the_program_prints() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_sql()


@pytest.fixture
def piped(mariadb: MariaDB) -> Iterator[Callable[[], subprocess.CompletedProcess[str]]]:
    """`mysql < schema.sql`, as an operator types it; the database is gone afterwards."""
    program = shutil.which("mysql") or shutil.which("mariadb")
    if program is None:
        pytest.skip("mysql is missing: sudo apt install mariadb-client")
    command = [program, "--no-defaults", "-h127.0.0.1", f"-P{mariadb.port}", "-uroot"]

    def run() -> subprocess.CompletedProcess[str]:
        with SCHEMA.open(encoding="utf-8") as file:
            return subprocess.run(command, stdin=file, capture_output=True, text=True, check=False)

    yield run
    mariadb.query(f"DROP DATABASE IF EXISTS {DATABASE}")


async def test_the_file_makes_its_database_as_the_daemon_would_and_may_be_run_again(
    mariadb: MariaDB, piped: Callable[[], subprocess.CompletedProcess[str]]
) -> None:
    for _ in range(2):
        done = piped()
        assert (done.returncode, done.stderr) == (0, "")
    async with Database(mariadb.url(DATABASE)) as database:
        await require(database)
        await migrate(database)
        assert await database.read(differences) == []
    # As a killed run leaves it.
    for rest in ("DELETE FROM {}.alembic_version", "DROP TABLE {}.escalation_notices"):
        mariadb.query(rest.format(DATABASE))
    assert piped().returncode == 0
    async with Database(mariadb.url(DATABASE)) as database:
        await require(database)
        assert await database.read(differences) == []


async def test_the_file_stops_at_tables_of_another_program(
    mariadb: MariaDB, piped: Callable[[], subprocess.CompletedProcess[str]]
) -> None:
    mariadb.query(f"CREATE DATABASE {DATABASE}")
    made = "CREATE TABLE {}.message_history (id INTEGER PRIMARY KEY, content TEXT)"
    mariadb.query(made.format(DATABASE))
    done = piped()
    assert done.returncode != 0
    assert "message_history" in done.stdout
    assert "tables of another program; nothing was changed" in done.stderr
    assert list(mariadb.query(f"SHOW TABLES IN {DATABASE}")) == [("message_history",)]


async def test_the_file_stops_at_tables_of_another_version(
    mariadb: MariaDB, piped: Callable[[], subprocess.CompletedProcess[str]]
) -> None:
    assert piped().returncode == 0
    mariadb.query_in(DATABASE, "UPDATE alembic_version SET version_num = '0999_later'")
    done = piped()
    assert done.returncode != 0
    assert "tables of another version; nothing was changed" in done.stderr


def _all(connection: Connection) -> dict[str, object]:
    """Every table with its columns and how many rows it has."""
    seen = inspect(connection)
    count = "SELECT count(*) FROM {}"
    return {
        name: (
            [one["name"] for one in seen.get_columns(name)],
            connection.scalar(text(count.format(name))),
        )
        for name in [*seen.get_table_names(), *seen.get_view_names()]
    }


@pytest.mark.parametrize(
    ("version", "whose"),
    [
        *((f"{number:04}", "from before the first version") for number in (1, 7, 11)),
        ("9999", "a newer izer-bridge"),
        ("0002_what_comes_next", "a newer izer-bridge"),
    ],
)
async def test_tables_of_another_program_are_refused_and_left_as_they_are(
    empty_url: str, version: str, whose: str
) -> None:
    made = (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        f"INSERT INTO alembic_version VALUES ('{version}')",  # noqa: S608 (of the list above)
        "CREATE TABLE message_history (id INTEGER PRIMARY KEY, content TEXT)",
        "INSERT INTO message_history VALUES (1, 'Selam')",
    )
    async with Database(empty_url) as database:
        for statement in made:
            await database.write(lambda one, said=statement: one.execute(text(said)))  # type: ignore[misc]
        before = await database.read(_all)
        for asked in (migrate, require):
            with pytest.raises(ConfigError, match=f"{whose}.*{version}.*run that one") as refused:
                await asked(database)
            assert len(str(refused.value).splitlines()) == 1
        assert await database.read(_all) == before


async def test_every_column_of_the_replaced_system_is_there(store_url: str) -> None:
    async with Database(store_url) as database:
        for table, columns in LEGACY.items():
            found = await database.read(lambda one, name=table: inspect(one).get_columns(name))  # type: ignore[misc]
            assert set(columns.split()) <= {column["name"] for column in found}
