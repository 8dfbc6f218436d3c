"""Tests what the bridge needs of a store, and leaves nothing behind."""

from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, func, insert, select

from izer_bridge.store.columns import CurrentTime
from izer_bridge.store.inserted import new_id
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import system_stats, webhook_messages

_TYPE = "doctor"


class Probe(OpenedStore):
    """Tests the store at `url`. Raises TransientError, ConfigError."""

    async def write(self) -> None:
        """Commit a row that its own transaction has already deleted."""
        await self._database.write(_come_and_go)

    async def clock(self) -> datetime:
        """The server's time; for a SQLite file it is this machine's."""
        return await self._database.read(_server_time)

    async def newest(self) -> datetime | None:
        """When the latest message was recorded."""
        query = select(func.max(webhook_messages.c.created_at))
        found: datetime | None = await self._database.read(lambda one: one.scalar(query))
        return found


def _come_and_go(connection: Connection) -> None:
    made = connection.execute(
        insert(system_stats).values(
            stat_type=_TYPE,
            time_period="daily",
            reference_date=date.today(),  # noqa: DTZ011
        )
    )
    connection.execute(delete(system_stats).where(system_stats.c.id == new_id(made)))


def _server_time(connection: Connection) -> datetime:
    return connection.scalar(select(CurrentTime())) or datetime.now(UTC)
