"""Definitions on a MySQL store, first ones and migrations, that go on where a kill has ended them.

Such a server commits each definition as it comes. What is found done was done by the bridge itself
before: the store is the bridge's own. Only a table is looked at, which somebody else may have.
"""

from typing import Any

from alembic.ddl.mysql import MySQLImpl
from sqlalchemy import Connection, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from izer_bridge.domain.errors import ConfigError

# Table, column, index or key of that name there already; nothing of that name left to drop.
_DONE = (1050, 1060, 1061, 1091)


class RepeatableMySQL(MySQLImpl):
    """Alembic takes it for this dialect once this module is imported."""

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
    """Raises ConfigError where a table of that name has other columns."""
    found = {one["name"] for one in inspect(connection).get_columns(wanted.name)}
    if not found >= {one.name for one in wanted.columns}:
        raise ConfigError(
            f"store.url: a table {wanted.name} is there that this izer-bridge has not made"
        )
