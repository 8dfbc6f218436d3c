"""The way in for messages over HTTP: the same pipeline, with the caller waiting."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import structlog

from izer_bridge.domain.message_state import PENDING
from izer_bridge.domain.work import MessageProgress
from izer_bridge.media.decide import MediaState
from izer_bridge.media.ports import KeptFile, PostedFiles
from izer_bridge.pipeline.ports import Ledger, Recorded, WebhookMessage

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 1.0


class HttpIntake:
    """Records a webhook message and waits for its outcome.

    Files of up to `most_bytes` that come with one are kept in `files`; None keeps none.
    """

    def __init__(
        self,
        ledger: Ledger,
        hint: Callable[[], None],
        files: PostedFiles | None = None,
        most_bytes: int | None = None,
    ) -> None:
        self._ledger = ledger
        self._hint = hint
        self._files = files
        self._most_bytes = most_bytes
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)

    def moved(self, row_id: int) -> None:
        """Called by the worker when a row comes to rest, for now or for good."""
        for event in self._waiting.get(row_id, ()):
            event.set()

    async def submit(
        self,
        webhook: WebhookMessage,
        wait_seconds: float,
        is_recorded: Callable[[], None] = lambda: None,
    ) -> MessageProgress:
        """See `webhook.ports.Intake`. Raises TransientError if the store is away."""
        recorded = await self._ledger.record_webhook(webhook, await self._kept(webhook.file))
        webhook = replace(webhook, file=None)
        is_recorded()
        moved = asyncio.Event()
        self._waiting[recorded.row_id].add(moved)
        try:
            outcome = await self._known(recorded, webhook)
            if outcome is None:
                self._hint()
                outcome = await self._rested(recorded.row_id, moved, wait_seconds)
            return replace(outcome, words=recorded.words)
        finally:
            self._waiting[recorded.row_id].discard(moved)
            if not self._waiting[recorded.row_id]:
                del self._waiting[recorded.row_id]

    async def _known(self, recorded: Recorded, webhook: WebhookMessage) -> MessageProgress | None:
        """The outcome, if it need not be waited for.

        A new message has none yet: to claim it is a later transaction of the same writer.
        """
        if recorded.is_new and recorded.state in PENDING:
            return None
        outcome = await self._ledger.outcome(recorded.row_id)
        if recorded.is_new and outcome.skip_reason:
            about = {"id": webhook.message.message_id, "row": recorded.row_id}
            log.info("message_skipped", **about, reason=str(outcome.skip_reason))
        is_waiting = outcome.state in PENDING and outcome.error is None
        return None if is_waiting else outcome

    async def _kept(self, data: bytes | None) -> KeptFile | MediaState | None:
        if data is None:
            return None
        if self._files is None or self._most_bytes is None:
            return MediaState.OFF
        if len(data) > self._most_bytes:
            return MediaState.TOO_LARGE
        return await self._files.keep(data)

    async def _rested(self, row_id: int, moved: asyncio.Event, seconds: float) -> MessageProgress:
        """The outcome at the end of the wait; only the store knows about workers elsewhere."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            left = deadline - loop.time()
            await _wait(moved, min(left, _LOOK_SECONDS))
            # Read first: a signal that arrives while the store is read is not in its answer.
            has_moved = moved.is_set()
            outcome = await self._ledger.outcome(row_id)
            is_waiting = outcome.state in PENDING and outcome.error is None
            if has_moved or not is_waiting or left <= _LOOK_SECONDS:
                return outcome


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
