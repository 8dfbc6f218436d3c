"""Stores for tests: SQLite in a scratch file, MariaDB in a server that is started once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.servers.mariadb import MariaDB, is_installed

# A machine that is busy is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The bridge and its commands make theirs strict, here for all the tests after it too."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """A command run here sets up logging for its process, which is also that of the next test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A server of the tests' own. Where it is not installed: skipped, but a failure in CI."""
    if not is_installed():
        if os.environ.get("CI"):
            pytest.fail("mariadbd is missing: sudo apt install mariadb-server")
        pytest.skip("mariadbd is missing: sudo apt install mariadb-server")
    server = MariaDB(tmp_path_factory.mktemp("mariadb"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "mariadb"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: MariaDB = request.getfixturevalue("mariadb")
    return server.database()
