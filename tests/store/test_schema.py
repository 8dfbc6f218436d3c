"""The migrations, the tables in code and `schema.sql` are the same thing said three times."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from izer_bridge.domain.errors import ConfigError
from izer_bridge.store.alembic_run import schema_sql, upgrade
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from izer_bridge.store.tables import metadata
from izer_bridge.store.versions import MIGRATIONS
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
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


@pytest.mark.parametrize("made", [lambda one: None, upgrade], ids=["at once", "by migrations"])
async def test_both_ways_lead_to_the_tables_in_code(
    made: Callable[[Connection], None], empty_url: str
) -> None:
    async with Database(empty_url) as database:
        await database.write(made)
        await migrate(database)
        await migrate(database)
        assert await database.read(differences) == []


def _written_by_the_version_before(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0010")
    for name, level in (("a", "medium"), ("b", "Medium"), ("c", "high"), ("d", "critical")):
        connection.execute(
            text(
                "INSERT INTO important_customers (customer_name, phone_number, priority_level) "
                "VALUES (:name, :name, :level)"
            ),
            {"name": name, "level": level},
        )


async def test_what_was_called_medium_is_normal(empty_url: str) -> None:
    async with Database(empty_url) as database:
        await database.write(_written_by_the_version_before)
        await migrate(database)
        query = text("SELECT priority_level FROM important_customers ORDER BY phone_number")
        found = await database.read(lambda one: one.scalars(query).all())
        assert found == ["normal", "normal", "high", "critical"]


def worked_by_the_version_before(connection: Connection) -> None:
    _written_by_the_version_before(connection)
    for said in (
        "INSERT INTO chats (account, jid, name) VALUES ('+9', '1@g.us', 'Tur')",
        "INSERT INTO contacts (number, name) VALUES ('+90', 'Ali')",
        "INSERT INTO webhook_messages (message_id, chat_time, chat_name, current_message, account,"
        " chat_id, chat_jid, sender_id, sender_jid, sender_name, kind, origin, from_me, state)"
        " VALUES ('A', '2026-03-01 12:00:00', 'Tur', 'Merhaba', '+9', 1, '1@g.us', 1,"
        " '90@s.whatsapp.net', 'Ali', 'text', 'live', 0, 'settled')",
        "INSERT INTO message_history (webhook_message_id, sender, content, timestamp,"
        " message_type) VALUES (1, 'Ali', 'Selam', '2026-03-01 11:00:00', 'text')",
    ):
        connection.execute(text(said))


async def test_the_key_of_messages_changes_under_them_and_nothing_goes(empty_url: str) -> None:
    again = "INSERT INTO webhook_messages (message_id, chat_time, chat_name, current_message,"
    again += " account, chat_id, chat_jid, sender_id, sender_jid, sender_name, kind, origin,"
    again += " from_me, state) SELECT message_id, chat_time, chat_name, current_message, account,"
    again += " chat_id, chat_jid, sender_id, sender_jid, sender_name, kind, origin, {}, state"
    again += " FROM webhook_messages"
    async with Database(empty_url) as database:
        await database.write(worked_by_the_version_before)
        await migrate(database)
        both = text(
            "SELECT count(*) FROM webhook_messages m"
            " JOIN message_history h ON h.webhook_message_id = m.id"
        )
        assert await database.read(lambda one: one.scalar(both)) == 1
        with pytest.raises(IntegrityError):
            await database.write(lambda one: one.execute(text(again.format(0))))
        await database.write(lambda one: one.execute(text(again.format(1))))
        if empty_url.startswith("sqlite"):
            sound = text("PRAGMA integrity_check")
            assert await database.read(lambda one: one.scalar(sound)) == "ok"


def test_the_file_is_what_the_program_prints() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_sql()


async def test_the_file_creates_what_the_daemon_would(mariadb: MariaDB) -> None:
    statements = SCHEMA.read_text(encoding="utf-8").split(";\n")
    async with Database(mariadb.database()) as database:
        for statement in filter(str.strip, statements):
            await database.write(lambda one, said=statement: one.execute(text(said)))  # type: ignore[misc]
        await migrate(database)
        assert await database.read(differences) == []


async def test_a_store_of_a_newer_program_is_refused(empty_url: str) -> None:
    async with Database(empty_url) as database:
        await migrate(database)
        await database.write(
            lambda one: one.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        )
        with pytest.raises(ConfigError, match="newer"):
            await migrate(database)


async def test_every_column_of_the_replaced_system_is_there(store_url: str) -> None:
    async with Database(store_url) as database:
        for table, columns in LEGACY.items():
            found = await database.read(lambda one, name=table: inspect(one).get_columns(name))  # type: ignore[misc]
            assert set(columns.split()) <= {column["name"] for column in found}
