"""The differences of SQLite and MySQL: connecting, transactions, and whose fault an error is."""

import random
import sqlite3
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import PoolResetState

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.store.text import dump_json
from izer_bridge.store.tls import require_tls, security_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

SomeEngine: TypeAlias = "Engine | AsyncEngine"
_CONNECT_SECONDS = 10
# All connections are kept: beyond the pool's size a burst would open a new one every few messages.
# `_roll_back` ends a transaction that a returned connection is still in; other connections cost no
# round trip.
_POOL: dict[str, Any] = {
    "pool_size": 5,
    "max_overflow": 0,
    "pool_timeout": 10,
    "pool_reset_on_return": None,
}
_MYSQL_SESSION = (
    "SET SESSION time_zone = '+00:00', "
    "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION'"
)


class Trouble(Enum):
    """What to do about a failed transaction."""

    CONFLICT = auto()
    # Another writer has just inserted the same key; if that persists, the values are at fault.
    DUPLICATE = auto()
    LOST = auto()
    AWAY = auto()
    REFUSED = auto()
    DAMAGED = auto()


_TROUBLING = (DBAPIError, PoolTimeoutError, OSError)

_SQLITE_DUPLICATE = (1555, 2067)
_CODES: dict[tuple[str, Trouble], tuple[int, ...]] = {
    # BUSY, LOCKED, INTERRUPT (meant for the previous statement), PROTOCOL, SCHEMA.
    ("sqlite", Trouble.CONFLICT): (5, 6, 9, 15, 17),
    ("sqlite", Trouble.DUPLICATE): _SQLITE_DUPLICATE,
    # READONLY, IOERR, FULL, CANTOPEN.
    ("sqlite", Trouble.AWAY): (8, 10, 13, 14),
    # CORRUPT, NOTADB: only a person can decide what to do about it.
    ("sqlite", Trouble.DAMAGED): (11, 26),
    # Deadlock, lock wait, Galera not ready, refused by certification, TiDB write conflict.
    ("mysql", Trouble.CONFLICT): (1213, 1205, 1047, 3101, 9007),
    ("mysql", Trouble.DUPLICATE): (1062,),
    # The connection is gone or the server is shutting down; a new connection may find it up again.
    ("mysql", Trouble.LOST): (1053, 1077, 1079, 1927, 2006, 2013, 2014, 2055, 4031),
    # Unreachable, too many connections, disk or table full, read-only after a failover.
    ("mysql", Trouble.AWAY): (2002, 2003, 2005, 1040, 1203, 3, 1021, 1114, 1290, 1836),
    ("mysql", Trouble.REFUSED): (1044, 1045, 1049, 1698, 2059, 2061),
}
_KNOWN = {(store, code): kind for (store, kind), codes in _CODES.items() for code in codes}


def troubling(engine: SomeEngine) -> tuple[type[Exception], ...]:
    """Everything that a driver or the network below it may raise.

    This includes the driver's own errors: SQLAlchemy does not wrap those raised while an isolation
    level is being set.
    """
    driver: type[Exception] = engine.dialect.loaded_dbapi.Error
    return (*_TROUBLING, driver)


def jitter(attempt: int) -> float:
    """Seconds to wait before retrying a transaction for the `attempt`-th time."""
    return random.SystemRandom().uniform(0, 0.02 * 2**attempt)


def trouble_of(error: Exception) -> Trouble | None:
    """Classify what a transaction raised; None for a bug or an error raised on purpose."""
    if isinstance(error, PoolTimeoutError | OSError):
        return Trouble.AWAY
    wrapped = error if isinstance(error, DBAPIError) else None
    code = _code_of(error if wrapped is None else wrapped.orig)
    known = None if code is None else _KNOWN.get(code)
    return known or (Trouble.LOST if wrapped and wrapped.connection_invalidated else None)


def said(error: Exception) -> str:
    """The driver's message, without the statement and its values."""
    if isinstance(error, DBAPIError):
        distrust = error.orig.__cause__ if error.orig else None
        why = (
            f": {distrust.verify_message}" if isinstance(distrust, SSLCertVerificationError) else ""
        )
        return f"{error.orig}{why}"
    return str(error) or "no answer in time"


def away(error: Exception) -> str:
    """That the store cannot be used, and where to look."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return f"the store cannot be used: {said(error)}; its disk may be full, or read-only"
    return f"the store is away: {said(error)}"


def _code_of(cause: BaseException | None) -> tuple[str, int] | None:
    if isinstance(cause, sqlite3.Error):
        extended = getattr(cause, "sqlite_errorcode", None)
        if extended is None:
            return None
        return ("sqlite", extended if extended in _SQLITE_DUPLICATE else extended & 0xFF)
    number = cause.args[0] if cause is not None and cause.args else None
    return ("mysql", number) if isinstance(number, int) else None


def engine_of(url: str, *, reads_only: bool = False) -> SomeEngine:
    """The engine for a store URL: `sqlite:///path`, `mysql://…` or `mariadb://…`.

    With `reads_only` every transaction sees one moment, and none may write.

    Raises ConfigError for any other scheme, and if a part of the URL is missing.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError("store.url is not an URL; expected sqlite:///path or mysql://…") from None
    match parsed.drivername:
        case "sqlite":
            return _sqlite(parsed, reads_only=reads_only)
        case "mysql" | "mariadb":
            return _mysql(parsed, "REPEATABLE READ" if reads_only else "READ COMMITTED")
        case other:
            raise ConfigError(
                f"store.url: the scheme {other!r} is unknown; allowed: sqlite, mysql, mariadb"
            )


def _sqlite(url: URL, *, reads_only: bool) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigError("store.url: expected sqlite:///path of a file")
    if not Path(url.database).absolute().parent.is_dir():
        raise ConfigError(f"store.url: the folder of {url.database} does not exist")
    refuse_odd_sqlite(Path(url.database))
    engine = create_engine(
        url,
        json_serializer=dump_json,
        hide_parameters=True,
        **_POOL,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_to_read if reads_only else _begin_to_write)
    event.listen(engine, "reset", _roll_back(_is_open_sqlite))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes late and leaves DDL outside; `_begin_sqlite` sends it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_to_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_to_write(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail as busy without waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_open_sqlite(connection: Any) -> bool:
    return bool(connection.in_transaction)


def _is_open_mysql(connection: Any) -> bool:
    return bool(connection.get_transaction_status())


def _roll_back(is_open: Callable[[Any], bool]) -> Callable[..., None]:
    """End a transaction that a connection is still in when it returns to the pool."""

    def reset(connection: Any, record: Any, state: PoolResetState) -> None:
        if state.asyncio_safe and is_open(record.driver_connection):
            connection.rollback()

    return reset


def _mysql(url: URL, isolation: IsolationLevel) -> "AsyncEngine":
    # This imports SQLAlchemy's ORM, 6 MB that a bridge on SQLite saves.
    from sqlalchemy.ext.asyncio import create_async_engine

    if not (url.host or url.query.get("unix_socket")) or not url.database:
        raise ConfigError("store.url: expected mysql://user:password@host:port/database")
    url, security = security_of(url)
    engine = create_async_engine(
        url.set(drivername="mysql+aiomysql"),
        connect_args={
            "ssl": security.context(),
            "charset": "utf8mb4",
            "init_command": _MYSQL_SESSION,
            "connect_timeout": _CONNECT_SECONDS,
        },
        isolation_level=isolation,
        json_serializer=dump_json,
        hide_parameters=True,
        **_POOL,
    )
    event.listen(engine.sync_engine, "reset", _roll_back(_is_open_mysql))
    if security.needs_tls:
        require_tls(engine.sync_engine, str(url.host))
    return engine
