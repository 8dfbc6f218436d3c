"""Keeps copies of the WhatsApp session, in case it is damaged or the phone removes it."""

import asyncio
import sys
from pathlib import Path

import structlog

from izer_bridge.host.loop import Loop
from izer_bridge.whatsapp import session_copy

log = structlog.get_logger(__name__)

FOLDER = "sessions"
_LINKINGS = 5
_EVERY_SECONDS = 24 * 3600.0


class SessionCopies:
    """The newest sound copy of each of the last five linkings, in `sessions/` beside the session.

    A copy is made when the bridge has connected for the first time or after a new linking, and then
    every day.
    """

    def __init__(self, session_file: Path) -> None:
        self._session_file = session_file
        self._is_due = True
        self._loop = Loop("session-copies", self._make, _EVERY_SECONDS, waits_first=True)

    def linked(self) -> None:
        """A new linking: it has no copy yet."""
        self._is_due = True

    def connected(self) -> None:
        """The session is known to work as it is now."""
        if self._is_due:
            self._is_due = False
            self._loop.hint()

    async def run(self) -> None:
        """Make the copies, until cancelled; a failure is logged and retried the next day."""
        await self._loop.run()

    async def _make(self) -> bool:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", session_copy.__file__),
            *(str(self._session_file), str(self._session_file.with_name(FOLDER)), str(_LINKINGS)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
        )
        said, error = await process.communicate()
        if process.returncode == 0:
            log.info("session_copied", file=said.decode().strip())
        elif process.returncode != session_copy.NOT_LINKED:
            log.warning("session_not_copied", error=error.decode(errors="replace").strip()[-200:])
        return False
