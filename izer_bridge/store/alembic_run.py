"""Alembic's part of the schema: all of it on MySQL, and upgrades from any version to this one."""

from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, inspect

from izer_bridge.store import repeatable
from izer_bridge.store.tables import metadata
from izer_bridge.store.versions import MIGRATIONS

_OPTIONS = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def create(connection: Connection) -> None:
    """Create all tables on MySQL, or those that a killed start has left out.

    Raises ConfigError, before it creates any, if somebody else's table has one of the names.
    """
    there = set(inspect(connection).get_table_names())
    wanted = list(tables())
    for table in wanted:
        if table.name in there:
            repeatable.require_own(connection, table)
    impl = MigrationContext.configure(connection).impl
    for table in wanted:
        impl.create_table(table)


def upgrade(connection: Connection, migrations: Path = MIGRATIONS) -> None:
    """Upgrade from a known version to the newest."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def tables() -> Iterator[Table]:
    """All tables, each after those that it refers to: the order in which MySQL must create them."""
    for table in metadata.sorted_tables:
        table.dialect_kwargs.update(_OPTIONS)
        for index in table.indexes:
            index.dialect_kwargs.update(index.info)
        yield table
