"""A running bridge's statements about itself, read from its own store."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from izer_bridge.conditions.facts import DayFacts, WaitingFacts
from izer_bridge.conditions.store import waiting
from izer_bridge.domain.cost import Budget
from izer_bridge.reports.store.stats import Stats, last_day
from izer_bridge.store.database import Database


class LiveCounts:
    """`store` waits for a database that has its tables; `budget` defines the current day."""

    def __init__(
        self,
        store: Callable[[], Awaitable[Database]],
        clock: Callable[[], datetime],
        budget: Budget,
    ) -> None:
        self._store = store
        self._clock = clock
        self._budget = budget

    async def stats(self) -> Stats:
        """Counts over the last 24 hours. Raises TransientError."""
        now = self._clock()
        return await (await self._store()).read(
            lambda connection: last_day(connection, now, self._budget)
        )

    async def waiting(self) -> WaitingFacts:
        """What waits for somebody now. Raises TransientError."""
        now = self._clock()
        return await (await self._store()).read(lambda connection: waiting.now(connection, now))

    async def day(self) -> DayFacts:
        """The parts of the last 24 hours that somebody should look at. Raises TransientError."""
        now = self._clock()
        return await (await self._store()).read(
            lambda connection: waiting.of_day(connection, now, self._budget)
        )
