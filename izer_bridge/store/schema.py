"""Finds the version of a store's tables and brings them to this program's."""

from sqlalchemy import Connection, inspect, text

from izer_bridge.domain.errors import ConfigError, UnpreparedStoreError
from izer_bridge.store import full_text, views
from izer_bridge.store.database import Database
from izer_bridge.store.tables import metadata
from izer_bridge.store.versions import foreign_writer, head

# In the form in which Alembic creates it.
_MARK = """
CREATE TABLE IF NOT EXISTS alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""


async def migrate(database: Database) -> None:
    """Create or upgrade the tables; may be repeated.

    Raises ConfigError, and changes nothing, for tables of a newer program or from before the first
    version; TransientError while the store is away.
    """
    await database.write(_upgrade)
    # What follows from the rows belongs to no version: a backup comes without it.
    await database.write(views.make)
    await database.write(full_text.make)


async def require(database: Database) -> None:
    """Refuse to work on tables of another version, and change nothing.

    Raises ConfigError as `migrate` does, TransientError while the store is away, and
    UnpreparedStoreError until the bridge has brought it up to this version.
    """
    found = await database.read(revision)
    if found == head():
        return
    _refuse(found)
    raise UnpreparedStoreError("the store's tables wait for `izer-bridge run` of this version")


def revision(connection: Connection) -> str | None:
    """The version of the tables as Alembic keeps it, None if there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    found = revision(connection)
    if found == head():
        return
    _refuse(found)
    if found is None:
        _create(connection)
        return
    # Costs ten MB, which a process spends only when there is something to change.
    from izer_bridge.store.alembic_run import upgrade

    upgrade(connection)


def _refuse(version: str | None) -> None:
    """Raises ConfigError for tables that this program cannot upgrade."""
    if version is not None and (whose := foreign_writer(version)) is not None:
        raise ConfigError(
            f"store.url: {whose} wrote this store (tables {version}); it is left as it is: run "
            "that one, or move the store away and begin anew or with a backup"
        )


def _create(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        metadata.create_all(connection, checkfirst=False)
    else:
        from izer_bridge.store.alembic_run import create

        create(connection)
    connection.execute(text(_MARK))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})
