"""Stores for tests: SQLite in a scratch file, MariaDB in a server that is started once."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import Connection, Engine, event

from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.servers import mysql
from tests.servers.mariadb import MariaDB, is_installed
from tests.servers.nursery import forked_bridges

# Fixtures for the tests of many rooms.
pytest_plugins = (
    *("tests.store.ledgers", "tests.web.running_api", "tests.trials.judged"),
    "tests.servers.browser",
)

# A busy machine is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


# Tests that take minutes begin first, or one worker ends long after the others.
_LONG = ("systemd", "soak", "chaos", "faults", "fuzz", "end_to_end", "attack", "simulator", "field")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        room = item.path.relative_to(here).parts[0]
        return _LONG.index(room) if room in _LONG else len(_LONG)

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The bridge and its commands set theirs strictly, here for all later tests too."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """xdist tells its workers how wide the terminal is; what is piped has none."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """A command run here sets up logging for its process, which the next test shares."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


class _CompiledOnce(dict[Any, Any]):
    """Compiled statements by the kind of the store, where SQLAlchemy has them by its engine.

    A bridge has its engines for as long as it runs. Here nearly every test has some of its own, and
    a third of a test's time went into compiling what the one before had compiled.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._by_kind(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._by_kind(key), value)

    @staticmethod
    def _by_kind(key: Any) -> Any:
        dialect, *statement = key
        return (dialect.name, getattr(dialect, "is_mariadb", False), *statement)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    compiled = _CompiledOnce()

    @event.listens_for(Engine, "engine_connect")
    def use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)


@pytest.fixture(scope="session", autouse=True)
def _nursery() -> Iterator[None]:
    with forked_bridges():
        yield


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """The tests' own server. If it is not installed: skipped, but a failure in CI."""
    if mysql.ROOT not in os.environ and not is_installed():
        if os.environ.get("CI"):
            pytest.fail("mariadbd is missing: sudo apt install mariadb-server")
        pytest.skip("mariadbd is missing: sudo apt install mariadb-server")
    server = mysql.server(tmp_path_factory.mktemp("mariadb"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with this version's tables, to be copied: creating them takes longer than a test."""
    file = tmp_path_factory.mktemp("sqlite") / "store.db"

    async def make() -> None:
        async with Database(f"sqlite:///{file}") as database:
            await migrate(database)

    asyncio.run(make())
    return file


@pytest.fixture(params=["sqlite", "mariadb"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store without rows, once for each kind."""
    if request.param == "mariadb":
        server: MariaDB = request.getfixturevalue("mariadb")
        return server.store()
    file: Path = request.getfixturevalue("sqlite_store")
    return f"sqlite:///{shutil.copy(file, tmp_path / 'store.db')}"


@pytest.fixture(params=["sqlite", "mariadb"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store without tables, once for each kind."""
    if request.param == "mariadb":
        server: MariaDB = request.getfixturevalue("mariadb")
        return server.database()
    return f"sqlite:///{tmp_path / 'store.db'}"
