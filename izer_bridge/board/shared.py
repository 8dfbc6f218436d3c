"""What many boards ask at once is read once: after a restart, and when much has changed."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable


class SharedAnswers:
    """For few different questions. No answer was begun before it was asked for."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.Task[str]] = {}
        self._turns: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, question: Hashable, answer: Callable[[], Awaitable[str]]) -> str:
        """Raises what `answer` raises, to everybody who waits for it."""
        waiting = self._waiting.get(question)
        if waiting is None:
            waiting = asyncio.create_task(self._next(question, answer))
            self._waiting[question] = waiting
        # One who goes away takes nobody's answer along.
        return await asyncio.shield(waiting)

    async def _next(self, question: Hashable, answer: Callable[[], Awaitable[str]]) -> str:
        async with self._turns[question]:
            del self._waiting[question]
            return await answer()
