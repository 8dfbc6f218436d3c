"""Gives WhatsApp the files of messages to be sent, before they are; beside the courier.

Nobody sees an uploaded file before its message, so a kill or a failure here costs another upload,
and a slow one holds up no message but its own and those written after it in its chat.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.outgoing import NotHandedOverError, RefusedBySenderError
from izer_bridge.host.loop import Hint, Loop
from izer_bridge.replies.ports import Uploader
from izer_bridge.replies.store.outbox_files import DueFile, SqlOutboxFiles

log = structlog.get_logger(__name__)

# Whoever writes gives a hint; this is for what is tried again, and after a start.
_POLL_SECONDS = 5.0
_PATIENCE_SECONDS = 120.0


class KeptFiles(Protocol):
    """Files on this machine, by their paths in the store."""

    async def read(self, path: str) -> bytes:
        """Raises PermanentError if it is no longer there."""
        ...


class Uploads:
    """One at a time: each is in memory whole, several times over. `done` tells the courier.

    The client's own call has no end; one that takes longer than `patience_seconds` counts as
    failed, and the next waits until it has ended.
    """

    def __init__(
        self,
        rows: SqlOutboxFiles,
        uploader: Uploader,
        files: KeptFiles,
        hint: Hint,
        done: Callable[[], None],
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._rows = rows
        self._uploader = uploader
        self._files = files
        self._done = done
        self._patience_seconds = patience_seconds
        self._loop = Loop("uploads", self._step, _POLL_SECONDS, delayed="upload_delayed", hint=hint)
        self._late: asyncio.Task[bytes] | None = None

    def stop(self) -> None:
        self._loop.stop()

    async def run(self) -> None:
        await self._loop.run()

    async def _step(self) -> bool:
        """Upload one file; False if there is nothing to do now. Raises TransientError."""
        account = self._uploader.account
        if account is None or not self._uploader.is_ready:
            return False
        if self._late is not None and not self._late.done():
            return False
        due = await self._rows.next_due(account)
        if due is None:
            return False
        try:
            location = await self._uploaded(due)
        except NotHandedOverError as error:
            about = {"outbox": due.outbox_id, "attempts": due.attempts + 1, "error": str(error)}
            if await self._rows.postpone(due, str(error)):
                log.warning("upload_failed", **about)
            else:
                log.error("upload_given_up", **about)
        except (RefusedBySenderError, PermanentError) as error:
            await self._rows.end(due, str(error))
            log.error("upload_refused", outbox=due.outbox_id, error=str(error))
        else:
            await self._rows.uploaded(due, location)
            log.info("file_uploaded", outbox=due.outbox_id, bytes=due.file.size)
            self._done()
        return True

    async def _uploaded(self, due: DueFile) -> bytes:
        data = await self._files.read(due.file.path)
        uploading = asyncio.create_task(
            self._uploader.upload(data, due.file.kind), name="uploading"
        )
        del data
        _, late = await asyncio.wait({uploading}, timeout=self._patience_seconds)
        if late:
            self._late = uploading
            uploading.add_done_callback(_looked_at)
            seconds = f"{self._patience_seconds:g} s"
            raise NotHandedOverError(f"WhatsApp's media server has not answered within {seconds}")
        return uploading.result()


def _looked_at(late: "asyncio.Task[bytes]") -> None:
    """What came of it does not matter any more."""
    if not late.cancelled():
        late.exception()
