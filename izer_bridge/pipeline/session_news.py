"""Has every change of the link written down for those who want to be told, in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

import structlog

from izer_bridge.model.errors import TransientError
from izer_bridge.model.event import SESSION_STATUS, SessionStatus
from izer_bridge.model.link import LinkStatus

log = structlog.get_logger(__name__)

# A link that flutters while the store is away: the newest changes count.
_MOST_WAITING = 100
_PAUSE_SECONDS = 5.0
_LAST_SECONDS = 1.0

Tell = Callable[[str, LinkStatus, datetime], Awaitable[None]]


class SessionNews:
    """`tell` writes one change durably and raises TransientError while it cannot."""

    def __init__(self, tell: Tell, now: Callable[[], datetime]) -> None:
        self._tell = tell
        self._now = now
        self._told: SessionStatus | None = None
        self._waiting: deque[tuple[SessionStatus, LinkStatus, datetime]] = deque(
            maxlen=_MOST_WAITING
        )
        self._hint = asyncio.Event()
        self._is_empty = asyncio.Event()
        self._stopping = False

    def changed(self, status: LinkStatus) -> None:
        """Note it unless others would see no difference."""
        word = SESSION_STATUS[status.state]
        if word is not self._told:
            self._told = word
            self._waiting.append((word, status, self._now()))
            self._is_empty.clear()
            self._hint.set()

    async def stop(self) -> None:
        """Return when all is written, or after a second; then `run` ends."""
        if self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_empty.wait(), _LAST_SECONDS)
        self._stopping = True
        self._hint.set()

    async def run(self) -> None:
        while not self._stopping:
            self._hint.clear()
            try:
                await self._write_all()
            except TransientError as error:
                log.warning("store_unavailable", error=str(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hint.wait(), _PAUSE_SECONDS)
            else:
                await self._hint.wait()

    async def _write_all(self) -> None:
        while self._waiting:
            oldest = self._waiting[0]
            word, status, at = oldest
            await self._tell(str(word), status, at)
            if self._waiting[0] is oldest:
                self._waiting.popleft()
        self._is_empty.set()
