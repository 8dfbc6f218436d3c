"""What the webhook needs from the pipeline."""

from collections.abc import Callable
from typing import Protocol

from izer_bridge.domain.work import MessageProgress
from izer_bridge.pipeline.ports import WebhookMessage


class Intake(Protocol):
    """The way into the pipeline for a message that comes over HTTP."""

    async def submit(
        self,
        webhook: WebhookMessage,
        wait_seconds: float,
        is_recorded: Callable[[], None] = ...,
    ) -> MessageProgress:
        """Record the message durably, then wait for it to be worked.

        Returns when the row has reached a final state or waits for a later attempt, and at the
        latest after `wait_seconds`. A known message id is not recorded again: its outcome is
        returned. Raises TransientError if the store cannot take the message now, and then nothing
        of it is stored. Once `is_recorded` is set the file is no longer held.
        """
        ...
