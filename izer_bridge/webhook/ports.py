"""What the webhook needs of the pipeline."""

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

        Returns when the row has reached a final state or waits for a later attempt, and at
        the latest after `wait_seconds`. A message id that is known is not recorded again: its
        outcome is returned. Raises TransientError when the store cannot take the message now,
        and then nothing of it is stored. From `is_recorded` on the file is held no longer.
        """
        ...
