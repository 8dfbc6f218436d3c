"""Runs one task's step again and again; an error in a step pauses that task and no other.

It knows no task. Only ConfigError leaves it: that is for the operator, at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.domain.retry import backoff_seconds

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_SECONDS = 60.0


def _pause(failures: int) -> float:
    return backoff_seconds(failures, longest=_LONGEST_PAUSE_SECONDS)


class Hint:
    """Signals that there may be something to do; only the woken step knows whether there is.

    Its giver and the loop that waits for it are built with the same one, and need not know each
    other. `given` counts how often it was given.
    """

    def __init__(self) -> None:
        self.given = 0
        self.is_there = asyncio.Event()

    def __call__(self) -> None:
        self.given += 1
        self.is_there.set()


class Loop:
    """`step` returns whether there is more to do at once; else it runs when hinted, or after a
    while.

    A TransientError is a warning named `delayed`. Any other error is logged with its traceback and
    followed by a `pause` of seconds, longer with each failure in a row. With `to_the_end` a loop
    that is told to stop continues until nothing is left or a step fails; with `waits_first` it
    begins with a hint, or after that while.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], Awaitable[bool]],
        every_seconds: float,
        *,
        delayed: str = "store_unavailable",
        to_the_end: bool = False,
        waits_first: bool = False,
        hint: Hint | None = None,
        pause: Callable[[int], float] = _pause,
    ) -> None:
        self.is_stopping = False
        self._name = name
        self._step = step
        self._every_seconds = every_seconds
        self._delayed = delayed
        self._to_the_end = to_the_end
        self._waits_first = waits_first
        self._pause = pause
        self._hint = (hint or Hint()).is_there
        self._stopped = asyncio.Event()

    def hint(self) -> None:
        """Wake it, like any holder of its hint."""
        self._hint.set()

    def stop(self) -> None:
        """Begin no further step, or with `to_the_end` none once nothing is left."""
        self.is_stopping = True
        self._stopped.set()
        self._hint.set()

    async def run(self) -> None:
        """Run until told to stop. Raises ConfigError."""
        failures = 0
        if self._waits_first:
            await within(self._hint, self._every_seconds)
        while self._to_the_end or not self.is_stopping:
            self._hint.clear()
            has_more = False
            try:
                has_more = await self._step()
            except ConfigError:
                raise
            except TransientError as error:
                log.warning(self._delayed, error=str(error))
            except Exception:
                failures += 1
                log.exception("task_failed", task=self._name, in_a_row=failures)
                await within(self._stopped, self._pause(failures))
            else:
                failures = 0
            if not has_more:
                if self.is_stopping:
                    return
                await within(self._hint, self._every_seconds)


async def within(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but no longer than that."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
