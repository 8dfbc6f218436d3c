"""Stores every change of the link for subscribers, in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from izer_bridge.domain.event import SESSION_STATUS, SessionStatus
from izer_bridge.domain.link_state import LinkStatus
from izer_bridge.host.loop import Loop, within

# If the link flaps while the store is away, the newest changes count.
_MOST_WAITING = 100
_PAUSE_SECONDS = 5.0
_LAST_SECONDS = 1.0

Tell = Callable[[str, LinkStatus, datetime], Awaitable[None]]


class SessionNews:
    """`tell` stores one change durably and raises TransientError while it cannot."""

    def __init__(self, tell: Tell, now: Callable[[], datetime]) -> None:
        self._tell = tell
        self._now = now
        self._told: SessionStatus | None = None
        self._waiting: deque[tuple[SessionStatus, LinkStatus, datetime]] = deque(
            maxlen=_MOST_WAITING
        )
        self._is_empty = asyncio.Event()
        self._loop = Loop("session-news", self._write_all, _PAUSE_SECONDS)

    def changed(self, status: LinkStatus) -> None:
        """Queue it unless others would see no difference."""
        word = SESSION_STATUS[status.state]
        if word is not self._told:
            self._told = word
            self._waiting.append((word, status, self._now()))
            self._is_empty.clear()
            self._loop.hint()

    async def stop(self) -> None:
        """Return when everything is stored, or after a second; then `run` ends."""
        if self._waiting:
            await within(self._is_empty, _LAST_SECONDS)
        self._loop.stop()

    async def run(self) -> None:
        await self._loop.run()

    async def _write_all(self) -> bool:
        while self._waiting:
            oldest = self._waiting[0]
            word, status, at = oldest
            await self._tell(str(word), status, at)
            if self._waiting[0] is oldest:
                self._waiting.popleft()
        self._is_empty.set()
        return False
