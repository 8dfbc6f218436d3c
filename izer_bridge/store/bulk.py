"""Inserts many rows into one table, fitting their values column by column instead of row by row."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, insert

_Processor = Callable[[Any], Any]
# Below that, building the statement costs more than it saves.
_MANY = 50


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, which all have the same columns, in their order."""
    if len(rows) < _MANY:
        connection.execute(insert(table), rows)
        return
    compiled = insert(table).compile(dialect=connection.dialect, column_keys=list(rows[0]))
    names = compiled.positiontup or ()
    columns = [_fit(connection, table, name, [row[name] for row in rows]) for name in names]
    connection.exec_driver_sql(str(compiled), list(zip(*columns, strict=True)))


def _fit(connection: Connection, table: Table, name: str, values: list[Any]) -> list[Any]:
    """Convert values as the column's type does for the driver; a constant column only once."""
    dialect = connection.dialect
    fit: _Processor | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    if fit is None:
        return values
    first = values[0]
    if all(value is first for value in values):
        return [fit(first)] * len(values)
    return [fit(value) for value in values]


def put_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, or replace the whole rows of their ids; all have the same columns.

    One statement where the server can: who updates many rows one by one waits for it as often.
    """
    if rows:
        connection.execute(_put(table, connection.dialect.name, tuple(rows[0])), rows)


@cache
def _put(table: Table, dialect: str, names: tuple[str, ...]) -> Executable:
    changed = [name for name in names if not table.c[name].primary_key]
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        new = sqlite.insert(table)
        return new.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={name: new.excluded[name] for name in changed},
        )
    from sqlalchemy.dialects import mysql

    other = mysql.insert(table)
    return other.on_duplicate_key_update({name: other.inserted[name] for name in changed})
