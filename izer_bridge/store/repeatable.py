"""Lets first tables and migrations on MySQL continue where a kill stopped them.

Such a server commits each definition immediately. A definition found done was done by the bridge
itself before: the store is the bridge's own. Only tables are compared, since they may be somebody
else's.
"""

from typing import Any

from alembic.ddl.mysql import MySQLImpl
from sqlalchemy import Connection, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from izer_bridge.domain.errors import ConfigError

# A table, column, index or key of that name exists already; nothing of that name is left to drop.
_DONE = (1050, 1060, 1061, 1091)


class RepeatableMySQL(MySQLImpl):
    """Alembic uses this class for the dialect once this module is imported."""

    __dialect__ = "mysql"

    def _exec(self, construct: Any, *values: Any, **named: Any) -> Any:
        try:
            return super()._exec(construct, *values, **named)
        except DBAPIError as error:
            if error.orig is None or error.orig.args[0] not in _DONE:
                raise
            if isinstance(construct, CreateTable) and self.connection is not None:
                require_own(self.connection, construct.element)
            return None


def require_own(connection: Connection, wanted: Table) -> None:
    """Raises ConfigError if a table of that name has other columns."""
    found = {one["name"] for one in inspect(connection).get_columns(wanted.name)}
    if not found >= {one.name for one in wanted.columns}:
        raise ConfigError(
            f"store.url: a table {wanted.name} is there that this izer-bridge has not made"
        )
