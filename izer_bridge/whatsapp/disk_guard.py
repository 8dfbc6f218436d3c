"""Leaves WhatsApp while this disk takes nothing, so that WhatsApp keeps what arrives."""

import shutil
from pathlib import Path
from typing import Protocol

import structlog

from izer_bridge.host.loop import Loop

log = structlog.get_logger(__name__)

# A page or two of each database: what comes next may be decrypted and then not be kept.
NOTHING_BYTES = 2_000_000
# More than what arrives takes in a moment, or the bridge would come and go.
_ROOM_BYTES = 2 * NOTHING_BYTES
_LOOK_SECONDS = 1.0


class HeldLink(Protocol):
    """What is disconnected meanwhile."""

    def hold(self) -> None: ...

    def let_go(self) -> None: ...


class WatchedInbox(Protocol):
    """What must be written."""

    @property
    def is_writable(self) -> bool: ...


class DiskGuard:
    """`folder` is where the session and the inbox lie."""

    def __init__(self, link: HeldLink, inbox: WatchedInbox, folder: Path) -> None:
        self._link = link
        self._inbox = inbox
        self._folder = folder
        self._is_holding = False
        self._loop = Loop("disk-guard", self.look, _LOOK_SECONDS)

    async def run(self) -> None:
        await self._loop.run()

    async def look(self) -> bool:
        """Hold the link, or let it go; there is never more to do at once."""
        free = shutil.disk_usage(self._folder).free
        takes = self._inbox.is_writable and free >= (
            _ROOM_BYTES if self._is_holding else NOTHING_BYTES
        )
        if not takes:
            self._link.hold()
        elif self._is_holding:
            self._link.let_go()
        if takes is self._is_holding:
            self._tell(free, takes=takes)
        self._is_holding = not takes
        return False

    def _tell(self, free: int, *, takes: bool) -> None:
        if takes:
            log.info("disk_takes_again", free_bytes=free)
        else:
            hint = "make room; the bridge leaves WhatsApp, which keeps what arrives until then"
            log.error("disk_takes_nothing", free_bytes=free, hint=hint)
