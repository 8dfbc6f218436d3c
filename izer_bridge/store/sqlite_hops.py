"""A connection to SQLite whose statements take one hop to its thread each; aiosqlite takes four.

A cursor of its own runs in the thread from its making to its closing; whoever awaits it gets all
its rows at once, as SQLAlchemy fetches them anyway.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Self

import aiosqlite

_ROWS_AT_ONCE = 64


class Connection(aiosqlite.Connection):
    """As aiosqlite's own in everything else."""

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def ran(self, cursor: "Cursor", method: str, *given: Any) -> None:
        """Run one statement in the thread, and keep what came of it on `cursor`."""

        def run() -> None:
            with closing(self._conn.cursor()) as made:
                getattr(made, method)(*given)
                rows = made.fetchall() if made.description else []
                cursor.keep(made, rows)

        await self._execute(run)  # type: ignore[no-untyped-call]


class Cursor:
    """What SQLAlchemy asks of a driver's cursor."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def keep(self, made: sqlite3.Cursor, rows: Sequence[Any]) -> None:
        self._rows, self.description = rows, made.description
        self.rowcount, self.lastrowid = made.rowcount, made.lastrowid

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, values: Any = ()) -> Self:
        await self._connection.ran(self, "execute", statement, values)
        return self

    async def executemany(self, statement: str, values: Any) -> Self:
        await self._connection.ran(self, "executemany", statement, values)
        return self

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        """It is closed already."""


def connect(database: str, **options: Any) -> Connection:
    """Await it; as `aiosqlite.connect`, in a thread that holds up no end of the process."""
    connection = Connection(lambda: sqlite3.connect(database, **options), _ROWS_AT_ONCE)
    connection._thread.daemon = True
    return connection
