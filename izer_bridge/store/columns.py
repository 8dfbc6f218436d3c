"""Column types that MySQL and SQLite spell differently but that hold the same values."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    String,
    Text,
    literal_column,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite assigns row ids itself only if the type is exactly INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")
# None is SQL NULL, never the JSON word.
Json = JSON(none_as_null=True)
_DIGITS = 64
_MYSQL = ("mysql", "mariadb")


class _OfMysql(TypeDecorator[Any]):
    """A different type on MySQL, whose dialect a bridge on SQLite does not load."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name not in _MYSQL:
            return dialect.type_descriptor(self.impl_instance)
        from sqlalchemy.dialects import mysql

        return dialect.type_descriptor(self.on_mysql(mysql))

    @staticmethod
    def on_mysql(mysql: Any) -> TypeEngine[Any]:
        """A column type that `mysql` creates, loaded only on MySQL."""
        raise NotImplementedError


class LongText(_OfMysql):
    impl = Text
    cache_ok = True

    @staticmethod
    def on_mysql(mysql: Any) -> TypeEngine[Any]:
        longest: TypeEngine[Any] = mysql.LONGTEXT()
        return longest


class UtcDateTime(_OfMysql):
    """Aware UTC with microseconds. Refuses naive values with ValueError."""

    impl = DateTime
    cache_ok = True

    @staticmethod
    def on_mysql(mysql: Any) -> TypeEngine[Any]:
        exact: TypeEngine[Any] = mysql.DATETIME(fsp=6)
        return exact

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Bytes(LongText):
    """Bytes as base64: aiomysql 0.3 sends none with PyMySQL 1.2, whose escaping it imports."""

    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else b64encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else b64decode(value)


class Digest(TypeDecorator[str]):
    """A SHA-256 in hex digits, stored as 32 bytes on SQLite; any other value is kept unchanged.

    MySQL keeps the digits (see `Bytes`), and so do SQLite rows written by an older version.
    """

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        is_whole = value is not None and dialect.name == "sqlite" and len(value) == _DIGITS
        return bytes.fromhex(value) if value is not None and is_whole else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return value.hex() if isinstance(value, bytes) else value


class CurrentTime(FunctionElement[datetime]):
    """The server's default for rows inserted by hand; sessions run in UTC."""

    inherit_cache = True
    type = UtcDateTime()


@compiles(CurrentTime)
def _current_time(element: CurrentTime, compiler: SQLCompiler, **_: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(CurrentTime, "mysql")
@compiles(CurrentTime, "mariadb")
def _current_time_mysql(element: CurrentTime, compiler: SQLCompiler, **_: Any) -> str:
    return "CURRENT_TIMESTAMP(6)"


class Milliseconds(FunctionElement[int]):
    """Whole milliseconds between two times."""

    inherit_cache = True
    type = Integer()


@compiles(Milliseconds)
def _milliseconds(element: Milliseconds, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(round((julianday({end}) - julianday({begin})) * 86400000) AS INTEGER)"


@compiles(Milliseconds, "mysql")
@compiles(Milliseconds, "mariadb")
def _milliseconds_mysql(element: Milliseconds, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(one, **options) for one in element.clauses)
    return f"TIMESTAMPDIFF(MICROSECOND, {begin}, {end}) DIV 1000"


def unindexed(number: ColumnElement[int]) -> ColumnElement[int]:
    """The same number, hidden from the planner: many rows share it, and few of them are wanted.

    Other conditions of the statement find those; a planner that has counted rows may not see that.
    """
    return number + 0


def spelled(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Words of a fixed vocabulary as literals in the statement, not as parameters.

    SQLite uses a partial index only if the statement repeats the index's condition word for word.
    """
    return [literal_column(f"'{word}'") for word in sorted(words)]


def code(length: int = 32) -> String:
    """A short word of a fixed vocabulary, such as a state or a kind."""
    return String(length)
