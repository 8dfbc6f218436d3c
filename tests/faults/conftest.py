"""A running shop, and the parts around its bridge that a test breaks."""

import itertools
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.chaos.arena import Arena, arena
from tests.servers.mariadb import MariaDB, is_installed

SEED = 20261124


class Opening(Protocol):
    """Opens a paired shop on the store at a URL ("" is SQLite), its state below `folder`."""

    async def __call__(self, store_url: str, folder: Path | None = None) -> Arena: ...


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A server that a test may kill, pause and restart; other modules have a different one."""
    if not is_installed():
        if os.environ.get("CI"):
            pytest.fail("mariadbd is missing: sudo apt install mariadb-server")
        pytest.skip("mariadbd is missing: sudo apt install mariadb-server")
    server = MariaDB(tmp_path_factory.mktemp("mariadb"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def shop_on(tmp_path: Path) -> AsyncIterator[Opening]:
    """Each shop is verified at the end."""
    numbers = itertools.count()
    async with AsyncExitStack() as opened:

        async def open_one(store_url: str, folder: Path | None = None) -> Arena:
            if folder is None:
                folder = tmp_path / f"shop-{next(numbers)}"
                folder.mkdir()
            return await opened.enter_async_context(arena(folder, store_url, SEED))

        yield open_one


@pytest.fixture
async def shop(shop_on: Opening) -> Arena:
    return await shop_on("")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Creates a file system of this many MiB; only root can."""
    mounted: list[Path] = []

    def mount(size: int) -> Path:
        place = tmp_path / f"disk-{len(mounted)}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", str(place)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("a file system cannot be mounted here")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)
