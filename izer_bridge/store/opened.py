"""Opens a store for a command: it must exist and have this version's tables."""

from pathlib import Path
from typing import Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.store.database import Database
from izer_bridge.store.schema import require


class OpenedStore:
    """The store at `url`, never created or upgraded; used as a context manager.

    Raises ConfigError if there is none, and TransientError while it is away or its tables wait for
    the bridge to upgrade them.
    """

    # A person is waiting; only the bridge keeps waiting for the store.
    tries = 2

    def __init__(self, url: str) -> None:
        _refuse_an_unreadable_file(url)
        self._database = Database(url, tries=self.tries)

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        try:
            await require(self._database)
        except BaseException:
            await self._database.close()
            raise
        return self

    @property
    def database(self) -> Database:
        """The open store; only inside the context."""
        return self._database

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()


def _refuse_an_unreadable_file(url: str) -> None:
    """SQLite would create a file that does not exist."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return  # `Database` says what is wrong with it
    if parsed.drivername != "sqlite":
        return
    refuse_odd_sqlite(Path(parsed.database or ""))
    try:
        Path(parsed.database or "").open("rb").close()
    except FileNotFoundError:
        raise ConfigError(
            f"there is no store at {parsed.database}; the first `izer-bridge run` makes it; "
            "state_dir and store.url say where it lies"
        ) from None
    except OSError as error:
        raise ConfigError(f"the store {parsed.database}: {error.strerror}") from None
