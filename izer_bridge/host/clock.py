"""The tasks' source of time, so that a test can move it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom


@dataclass(frozen=True, slots=True)
class Clock:
    """A task's source of time: aware UTC, and monotonic milliseconds.

    `chance` gives random numbers in [0, 1).
    """

    now: Callable[[], datetime]
    milliseconds: Callable[[], float]
    chance: Callable[[], float]


CLOCK = Clock(
    now=lambda: datetime.now(UTC),
    milliseconds=lambda: time.monotonic() * 1000,
    chance=SystemRandom().random,
)
