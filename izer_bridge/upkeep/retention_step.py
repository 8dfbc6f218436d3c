"""Removes what is older than the settings keep it, once a night, in batches with pauses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from izer_bridge.domain.retention import cutoffs, is_due
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Loop
from izer_bridge.upkeep.store.retention import SqlRetention

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 60.0
_FILES_AT_ONCE = 500
# By the server's clock: nobody writes then, and the day's work is long done.
_BEGIN_HOUR = 3


class OldFiles(Protocol):
    """Media files on this machine, by their paths in the store."""

    async def untouched(self) -> Sequence[str]:
        """Files that nobody has kept again within the last day."""
        ...

    async def remove(self, paths: Sequence[str]) -> int:
        """Remove those of them that are still untouched; how many."""
        ...


class Retention:
    """`days` says how long each kind of data is kept.

    After each batch it leaves the store alone for as long as the batch took.
    """

    def __init__(
        self,
        store: SqlRetention,
        files: OldFiles,
        clock: Clock,
        days: Mapping[str, int],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._days = days
        self._pause = pause
        self._swept_at: datetime | None = None
        self._loop = Loop("retention", self._look, _LOOK_SECONDS, delayed="retention_delayed")

    def stop(self) -> None:
        self._loop.stop()

    async def run(self) -> None:
        """Run until told to stop. Where all rows are kept, only files without a row go."""
        await self._loop.run()

    async def _look(self) -> bool:
        now = self._clock.now().astimezone()
        if not self._days:
            await self._sweep_nightly(now)
        elif is_due(await self._store.last_run(), now, _BEGIN_HOUR):
            began = self._clock.milliseconds()
            removed = await self.remove()
            seconds = round((self._clock.milliseconds() - began) / 1000, 1)
            log.info("old_rows_removed", **removed, seconds=seconds)
        return False

    async def remove(self) -> dict[str, int]:
        """Remove everything that is old, unless told to stop; returns how much of each kind."""
        began_at = self._clock.now()
        limits = cutoffs(self._days, began_at)
        removed = dict.fromkeys(await self._store.begin(limits, began_at), 0)
        for table in removed:
            after = None
            while not self._loop.is_stopping:
                start = self._clock.milliseconds()
                number, after = await self._store.remove_some(table, limits, began_at, after)
                removed[table] += number
                if not number:
                    break
                await self._pause((self._clock.milliseconds() - start) / 1000)
        if limits.keys() & {"messages", "media"}:
            removed["files"] = await self._sweep()
        if not self._loop.is_stopping:
            await self._store.end(began_at, self._clock.now(), removed)
        return removed

    async def _sweep_nightly(self, now: datetime) -> None:
        if is_due(self._swept_at, now, _BEGIN_HOUR):
            self._swept_at = now
            if removed := await self._sweep():
                log.info("unneeded_files_removed", files=removed)

    async def _sweep(self) -> int:
        """Remove the files that no message refers to, including those that a crash left behind."""
        count = 0
        paths = await self._files.untouched()
        for start in range(0, len(paths), _FILES_AT_ONCE):
            some = paths[start : start + _FILES_AT_ONCE]
            needed = await self._store.referred_to(some)
            count += await self._files.remove([path for path in some if path not in needed])
        return count
