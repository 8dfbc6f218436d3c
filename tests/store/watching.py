"""The store's work for each statement, counted by the store itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

_WORDS = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")
_STEPS = 100


@dataclass
class Said:
    """A statement with its values; `work` is rows that MariaDB read, or steps that SQLite took."""

    statement: str
    values: Any
    work: int = 0


@dataclass
class Watch:
    said: list[Said] = field(default_factory=list)
    _before: int = 0

    def before(
        self, connection: Connection, _cursor: Any, statement: str, values: Any, *_: Any
    ) -> None:
        if not statement.startswith(_WORDS):
            return
        one = Said(statement, values)
        self.said.append(one)
        if connection.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(lambda: _count(one), _STEPS)
        else:
            self._before = _rows_read(connection)

    def after(self, connection: Connection, *_: Any) -> None:
        if connection.dialect.name != "sqlite" and self.said:
            self.said[-1].work = _rows_read(connection) - self._before


def _count(one: Said) -> int:
    one.work += _STEPS
    return 0


def _rows_read(connection: Connection) -> int:
    """By this session so far; each look costs the same, and is not part of its own figure."""
    cursor = connection.connection.cursor()
    cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
    found = cursor.fetchall()
    cursor.close()
    return sum(int(value) for _, value in found)


@contextmanager
def watching() -> Iterator[Watch]:
    """Records every statement of every engine."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.before)
    event.listen(Engine, "after_cursor_execute", watch.after)
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", watch.before)
        event.remove(Engine, "after_cursor_execute", watch.after)
