"""When the worker claims: at a hint, or in the transaction that records new work.

The store runs changes that wait together in one transaction. So a claim requested right before a
recording is part of the recording's transaction, and sees what it wrote; it stays a separate
change, and runs alone if the recording fails.
"""

import asyncio
from collections.abc import Awaitable, Callable

from izer_bridge.host.loop import Hint, within

_LONGEST_WAY_SECONDS = 3.0
_NOTHING = -1


class Claiming:
    """Calls `claim` with the number of hints that it covers, one call at a time.

    `hint` says that there may be work; nothing is claimed until it is `calm`, for seconds at most.
    """

    def __init__(
        self, claim: Callable[[int], Awaitable[None]], hint: Hint, calm: asyncio.Event | None
    ) -> None:
        self._claim = claim
        self._hint = hint
        self._calm = calm
        self._one = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()
        # The hint that follows a recording, which has been claimed with it.
        self._covered = _NOTHING

    async def at_a_hint(self) -> None:
        """Raises what `claim` raises."""
        await self._give_way()
        if self._hint.given == self._covered:
            self._covered = _NOTHING
        else:
            await self._once()

    def beside(self) -> None:
        """Claim in the transaction that the caller is about to start, unless there is a burst."""
        is_calm = self._calm is None or self._calm.is_set()
        if is_calm and not self._one.locked():
            self._covered = self._hint.given + 1
            task = asyncio.create_task(self._beside(self._covered))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def look_again(self) -> None:
        """Claim again, whatever has been claimed."""
        self._covered = _NOTHING
        self._hint.is_there.set()

    def cancel(self) -> None:
        for task in self._under_way:
            task.cancel()

    async def ended(self) -> None:
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _beside(self, covered: int) -> None:
        try:
            await self._once(covered)
        except Exception:  # noqa: BLE001 - the claim at the next hint meets it again, and raises it
            self.look_again()

    async def _once(self, covered: int = 0) -> None:
        async with self._one:
            await self._claim(max(covered, self._hint.given))

    async def _give_way(self) -> None:
        """Let a burst be recorded first; an endless flood must not stop the work."""
        if self._calm is not None and not self._calm.is_set():
            await within(self._calm, _LONGEST_WAY_SECONDS)
