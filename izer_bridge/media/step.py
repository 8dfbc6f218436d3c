"""Downloads messages' files and puts them into words, before the messages are analysed.

The store is the queue here too: a message is held back briefly until its file was tried once; a
failure is retried later, and nothing waits for that.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from izer_bridge.domain.download import TooLargeError
from izer_bridge.domain.errors import BridgeError, PermanentError, TransientError
from izer_bridge.domain.retry import retry_seconds
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Hint, Loop
from izer_bridge.media.decide import MEDIA_ATTEMPTS, MediaState, MediaWording, wording_of
from izer_bridge.media.ports import (
    Attachment,
    FileStore,
    KeptFile,
    MediaDescriber,
    MediaLedger,
    MediaSource,
)

log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
_SIDE_BY_SIDE = 4
# A file is held in memory whole, several times over; larger ones go one after the other.
_LARGE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class MediaSteps:
    """What is done with media: `most_bytes` None downloads nothing; without a writer, no words."""

    most_bytes: int | None
    source: MediaSource
    files: FileStore
    writers: Mapping[MediaWording, MediaDescriber]


class MediaKeeper:
    """Processes the media of one account, a few at a time.

    `account` is asked each time and may still be None; `released` is called when a message need not
    wait any longer.
    """

    def __init__(
        self,
        ledger: MediaLedger,
        steps: MediaSteps,
        clock: Clock,
        account: Callable[[], str | None],
        released: Callable[[], None],
        hint: Hint,
    ) -> None:
        self._ledger = ledger
        self._steps = steps
        self._clock = clock
        self._account = account
        self._released = released
        self._loop = Loop("media", self._begin_what_is_due, _POLL_SECONDS, hint=hint)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._large = asyncio.Lock()

    def stop(self) -> None:
        """Begin nothing more; `run` ends when the work in progress has ended."""
        self._loop.stop()

    async def run(self) -> None:
        try:
            await self._loop.run()
        except asyncio.CancelledError:
            for task in self._running.values():
                task.cancel()
            raise
        finally:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _begin_what_is_due(self) -> bool:
        account = self._account()
        if len(self._running) >= _SIDE_BY_SIDE:
            return False
        # A task that ends while the store is read is still in the store's answer.
        busy = set(self._running)
        for one in await self._ledger.due(account, _SIDE_BY_SIDE):
            if one.row_id not in busy and len(self._running) < _SIDE_BY_SIDE:
                task = asyncio.create_task(self._attend(one))
                self._running[one.row_id] = task
                task.add_done_callback(partial(self._finished, one.row_id))
        return False

    def _finished(self, row_id: int, _: asyncio.Task[None]) -> None:
        del self._running[row_id]
        self._loop.hint()

    async def _attend(self, one: Attachment) -> None:
        """The error border for unexpected errors: the file is given up, with the reason."""
        current = one
        try:
            if current.file is None:
                downloaded = await self._downloaded(current)
                if downloaded is None:
                    return
                current = downloaded
            await self._put_into_words(current)
        except TransientError as error:
            # It stays due in the store.
            log.warning("media_interrupted", row=one.message_row_id, error=str(error))
        except Exception as error:
            log.exception("media_failed", row=one.message_row_id)
            with suppress(TransientError):
                state = MediaState.KEPT if current.file else MediaState.FAILED
                await self._ledger.end(current, state, f"internal error: {type(error).__name__}")
        finally:
            self._released()

    async def _downloaded(self, one: Attachment) -> Attachment | None:
        """Keep the file; returns the attachment if it is to be put into words now."""
        most = self._steps.most_bytes
        if most is None:
            await self._ledger.end(one, MediaState.OFF, None)
            return None
        if one.declared_size > most:
            await self._ledger.end(one, MediaState.TOO_LARGE, f"{one.declared_size} bytes")
            return None
        try:
            async with self._steps.files.begun() as new:
                await self._steps.source.fetch(one.source, new, most)
                file = await new.kept()
        except TooLargeError as error:
            await self._ledger.end(one, MediaState.TOO_LARGE, str(error))
            return None
        except (TransientError, PermanentError) as error:
            await self._failed(one, error)
            return None
        is_worded_next = self._writer_for(one, file) is not None
        await self._ledger.kept(one, file, is_worded_next=is_worded_next)
        log.info("media_kept", row=one.message_row_id, type=file.mimetype, bytes=file.size)
        return replace(one, file=file, attempts=0) if is_worded_next else None

    async def _put_into_words(self, one: Attachment) -> None:
        if one.file is None:
            raise PermanentError("there is no file to put into words")
        writer = self._writer_for(one, one.file)
        if writer is None:
            await self._ledger.end(one, MediaState.KEPT, None)
            return
        turn = self._large if one.file.size > _LARGE else nullcontext()
        try:
            async with turn:
                data = await self._steps.files.read(one.file.path)
                words = await writer.write(data, one.file.mimetype)
        except (TransientError, PermanentError) as error:
            await self._failed(one, error)
            return
        await self._ledger.worded(one, words)
        log.info("media_worded", row=one.message_row_id, length=len(words))

    def _writer_for(self, one: Attachment, file: KeptFile) -> MediaDescriber | None:
        wording = wording_of(one.kind, file.mimetype, file.size)
        return None if wording is None else self._steps.writers.get(wording)

    async def _failed(self, one: Attachment, error: BridgeError) -> None:
        """Retry later, or give up; the message goes on in either case."""
        attempts = one.attempts + 1
        step = "download" if one.file is None else "words"
        log.warning(
            "media_step_failed",
            row=one.message_row_id,
            step=step,
            attempts=attempts,
            error=str(error),
        )
        if isinstance(error, TransientError) and attempts < MEDIA_ATTEMPTS:
            pause = retry_seconds(
                attempts, self._clock.chance(), asked_for=error.retry_after_seconds
            )
            until = self._clock.now() + timedelta(seconds=pause)
            await self._ledger.postpone(one, until, str(error))
        else:
            state = MediaState.FAILED if one.file is None else MediaState.KEPT
            await self._ledger.end(one, state, str(error))
