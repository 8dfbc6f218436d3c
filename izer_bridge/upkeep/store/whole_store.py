"""Saves a whole store into one file and restores it: a SQLite file, or MySQL's own dump.

For commands; nothing here may be used inside an event loop.
"""

import asyncio
import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, make_url

from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.store import sqlite_copy, views
from izer_bridge.store.database import Database
from izer_bridge.store.schema import revision
from izer_bridge.store.tls import security_of

SQLITE_FILE, DUMP_FILE = "bridge.db", "database.sql"
_DUMP = (
    *("--single-transaction", "--quick", "--skip-add-locks", "--no-tablespaces", "--skip-triggers"),
    *("--hex-blob", "--default-character-set=utf8mb4"),
)
_LIBC = ctypes.CDLL(None)
# From Linux's prctl.h.
_SET_DEATH_SIGNAL = 1


def file_name(url: str) -> str:
    """The file name that a store at `url` is saved under."""
    return SQLITE_FILE if make_url(url).drivername == "sqlite" else DUMP_FILE


def file_of(url: str) -> Path | None:
    """The file of an embedded store; None for a server's."""
    parsed = make_url(url)
    return Path(str(parsed.database)) if parsed.drivername == "sqlite" else None


def version_of(url: str) -> str | None:
    """The version of the store's tables; None before the first start of a bridge.

    Raises ConfigError or TransientError.
    """
    path = file_of(url)
    if path is not None and not path.exists():
        return None

    async def read() -> str | None:
        async with Database(url) as database:
            return await database.read(revision)

    return asyncio.run(read())


def save(url: str, target: Path) -> None:
    """Write one moment of the store to `target`, while others use it.

    Raises ConfigError if no program for it is installed, TransientError if it fails.
    """
    path = file_of(url)
    if path is not None:
        copy_file(path, target)
        return
    with target.open("xb") as dump:
        _run_client(
            make_url(url),
            ("mariadb-dump", "mysqldump"),
            _DUMP,
            tables=asyncio.run(_tables(url)),
            stdout=dump.fileno(),
        )


def load(url: str, dump: Path) -> None:
    """Replace a server's tables by those of a dump; may be repeated after a kill.

    Nobody else may use the store. Raises ConfigError or TransientError.
    """
    asyncio.run(_empty(url))
    with dump.open("rb") as file:
        _run_client(make_url(url), ("mariadb", "mysql"), (), stdin=file.fileno())


def copy_file(source: Path, target: Path) -> None:
    """As `sqlite_copy.copy`. Raises TransientError, and ConfigError if it is not a plain file."""
    refuse_odd_sqlite(source)
    try:
        sqlite_copy.copy(source, target)
    except (sqlite3.Error, OSError) as error:
        raise TransientError(f"{source} cannot be copied: {error}") from error


async def _tables(url: str) -> list[str]:
    """Without views: the bridge creates its own again, and an operator's stay."""
    async with Database(url) as database:
        return await database.read(lambda one: inspect(one).get_table_names())


async def _empty(url: str) -> None:
    async with Database(url) as database:
        await database.write(_drop_all)


def _drop_all(connection: Connection) -> None:
    """Including tables that only a newer version knows; its migrations would otherwise fail on
    them.

    A killed load leaves tables that refer to missing ones.
    """
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, inspect(connection).get_table_names()))
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
    # The bridge's own views; earlier versions had tables of these names.
    for view in {*views.NAMES}.intersection(inspect(connection).get_view_names()):
        connection.exec_driver_sql(f"DROP VIEW {quote(view)}")
    if names:
        connection.exec_driver_sql(f"DROP TABLE {names}")
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 1")


def _run_client(
    url: URL,
    names: Sequence[str],
    options: Sequence[str],
    *,
    tables: Sequence[str] = (),
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> None:
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        raise ConfigError(
            f"the MySQL store needs the program {names[0]} for this: sudo apt install "
            "mariadb-client; or save the database by its own means and use --no-database here"
        )
    with _login(url) as login:
        done = subprocess.run(  # noqa: S603 (a program that was looked up; no shell)
            [program, f"--defaults-extra-file={login}", *options, str(url.database), *tables],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            # A half load that outlives us would go on beside the way back.
            preexec_fn=lambda: _LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL),
        )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it failed"]
        raise TransientError(f"{Path(program).name}: {said[-1]}")


@contextmanager
def _login(url: URL) -> Iterator[Path]:
    """An option file: everybody can see a command line in the list of processes."""
    wanted = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "socket": url.query.get("unix_socket"),
    }
    lines = [f'{key}="{_quoted(str(value))}"' for key, value in wanted.items() if value]
    lines += security_of(url)[1].options()
    descriptor, name = tempfile.mkstemp(prefix="izer-bridge-", suffix=".cnf")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(["[client]", *lines, ""]))
        yield Path(name)
    finally:
        os.unlink(name)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
