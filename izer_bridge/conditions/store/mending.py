"""What a person may look at and mend in a running bridge's store: missing and dead messages."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from izer_bridge.pipeline.store import dead_letters, gaps
from izer_bridge.pipeline.store.dead_letters import DeadLetter
from izer_bridge.pipeline.store.gaps import GapRow
from izer_bridge.replies.store.pauses import close_breakers
from izer_bridge.store.database import Database

LATELY = timedelta(days=7)


class SqlMending:
    """`store` waits for a database that has its tables. All raise TransientError without it."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def gaps(self, most: int, after: int = 0) -> Sequence[GapRow]:
        """The open ones, oldest first."""
        store = await self._store()
        return await store.read(lambda connection: gaps.listed(connection, most=most, after=after))

    async def dead_letters(self, most: int, after: int = 0) -> Sequence[DeadLetter]:
        """Oldest first."""
        store = await self._store()
        return await store.read(lambda connection: dead_letters.listed(connection, most, after))

    async def lately_dead(self, most: int) -> Sequence[DeadLetter]:
        """Of the last days, oldest first; quick enough to be asked again and again."""
        since, store = self._clock() - LATELY, await self._store()
        return await store.read(lambda connection: dead_letters.lately(connection, most, since))

    async def close_gap(self, row_id: int) -> bool:
        """Whether it was open."""
        now, store = self._clock(), await self._store()
        closed = await store.write(lambda connection: gaps.close(connection, [row_id], now))
        return closed > 0

    async def resume_sending(self, by: str) -> None:
        """Nothing happens if it was not stopped."""
        now, store = self._clock(), await self._store()
        await store.write(lambda connection: close_breakers(connection, by, now))

    async def retry(self, row_ids: Sequence[int] | None) -> int:
        """These dead letters, or all; how many there were."""
        now, store = self._clock(), await self._store()
        return await store.write(lambda connection: dead_letters.retry(connection, row_ids, now))
