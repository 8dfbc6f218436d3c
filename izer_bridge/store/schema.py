"""Which version a store's tables have, and bringing them to the one of this program."""

from sqlalchemy import Connection, inspect, text

from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.store import views
from izer_bridge.store.database import Database
from izer_bridge.store.tables import metadata
from izer_bridge.store.versions import head, knows

# As Alembic makes it.
_MARK = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""


async def migrate(database: Database) -> None:
    """Create or upgrade the tables; may be repeated.

    Raises ConfigError when a newer program has written the store, TransientError when it is away.
    """
    await database.write(_upgrade)
    # No part of a version: a backup comes without it.
    await database.write(views.make)


async def require(database: Database) -> None:
    """Let nobody work on tables of another version, and change nothing.

    Raises ConfigError when a newer program has written the store, TransientError while the store
    is away or waits to be brought up to this version.
    """
    found = await database.read(revision)
    if found == head():
        return
    if found is not None and not knows(found):
        raise ConfigError(f"store.url: a newer izer-bridge wrote this store (version {found})")
    raise TransientError("the store's tables wait for `izer-bridge run` of this version")


def revision(connection: Connection) -> str | None:
    """The version of the tables as Alembic keeps it, None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    found = revision(connection)
    if found == head():
        return
    if found is None and connection.dialect.name == "sqlite":
        # All or nothing there; MySQL commits each table, so that a kill needs the steps' marks.
        _create(connection)
        return
    # Ten MB that a process spends only when there is something to change.
    from izer_bridge.store.alembic_run import upgrade

    upgrade(connection)


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_MARK))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})
