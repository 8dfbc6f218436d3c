"""Migrations of a MySQL store that go on where a kill has ended them.

Such a server commits each definition as it comes. What a migration finds done was done by itself
before: the store is the bridge's own. Only a table is looked at, which somebody else may have.
"""

from typing import Any

from alembic.ddl.mysql import MySQLImpl
from sqlalchemy import inspect
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
            if isinstance(construct, CreateTable):
                self._require_own(construct)
            return None

    def _require_own(self, wanted: CreateTable) -> None:
        """Raises ConfigError where a table of that name has other columns."""
        name = wanted.element.name
        found = {one["name"] for one in inspect(self.connection).get_columns(name)}
        if not found >= {one.name for one in wanted.element.columns}:
            raise ConfigError(f"store.url: a table {name} is there that izer-bridge has not made")
