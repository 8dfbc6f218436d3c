"""The tests' own MariaDB: scratch folder, its own socket and port, never the system's."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import CLIENT

_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_START_SECONDS = 60
_SCHEMA = Path(__file__).parents[2] / "schema.sql"


def is_installed() -> bool:
    return shutil.which("mariadbd", path=_PATH) is not None


class MariaDB:
    """One server process on 127.0.0.1; `start` after `kill` finds its data again.

    `options` are extra server options; those given to `start` apply to that start. Started by root
    it runs as `user`, who must be able to write to `folder`.
    """

    name = "MariaDB"

    def __init__(self, folder: Path, options: Sequence[str] = (), user: str = "root") -> None:
        self._folder = folder
        self._more = options
        self._user = user
        self._data = folder / "data"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *once: str) -> None:
        if not self._data.exists():
            self._install()
        command = [
            *self._program(),
            f"--port={self.port}",
            f"--socket={self._folder / 'socket'}",
            f"--log-error={self._folder / 'log'}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=64M",
            # After a kill the kernel still has the data; only a machine crash would lose it.
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0",
            # A database of 26 tables is created for each test.
            "--innodb-file-per-table=0",
            "--innodb-stats-persistent=0",
            "--performance-schema=off",
            *self._own_options(),
            *self._more,
            *once,
        ]
        # Its output before it has opened its log.
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, stderr=output)
        self._wait()

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.query(f"CREATE DATABASE {name}")
        return self.url(name)

    def store(self) -> str:
        """The URL of a database with the tables of `schema.sql`, as the bridge creates them."""
        url = self.database()
        with self.connect() as connection, connection.cursor() as cursor:
            name = url.rpartition("/")[2]
            cursor.execute(_SCHEMA.read_text("utf-8").replace("izer_webhook_system", name))
            while cursor.nextset():
                pass
        return url

    def url(self, database: str) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{database}"

    def query(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Run one statement in a new session."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def query_in(self, database: str, statement: str) -> Sequence[tuple[Any, ...]]:
        """The same, if a statement names no database."""
        with self.connect() as connection, connection.cursor() as cursor:
            connection.select_db(database)
            cursor.execute(statement)
            return list(cursor.fetchall())

    def connect(self) -> pymysql.Connection:
        """A session in which each statement sees what is committed."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            autocommit=True,
            charset="utf8mb4",
            client_flag=CLIENT.MULTI_STATEMENTS,
            # Or each session reads the certificates of the system first: 25 ms of CPU.
            ssl_disabled=True,
        )

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _install(self) -> None:
        installer = shutil.which("mariadb-install-db", path=_PATH)
        subprocess.run(
            [
                str(installer),
                *self._options(),
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            capture_output=True,
        )

    def _program(self) -> Sequence[str]:
        return [str(shutil.which("mariadbd", path=_PATH)), *self._options()]

    def _own_options(self) -> Sequence[str]:
        """Options that other servers of its kind do not have."""
        return ["--sync-frm=0"]

    def _options(self) -> list[str]:
        # A server that starts removes from its folder for temporary tables those of all others.
        options = ["--no-defaults", f"--datadir={self._data}", f"--tmpdir={self._folder}"]
        return [*options, f"--user={self._user}"] if os.geteuid() == 0 else options

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.connect().close()
            except pymysql.OperationalError:
                if not self.is_running or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._signal(number)
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def free_port() -> int:
    """A port below those that Linux gives to clients, from 32768 on (`ip_local_port_range`).

    One of those could be a client's by the time that a server binds it, or binds it again.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
