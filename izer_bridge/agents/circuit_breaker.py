"""Decides how long a failing party is left alone; it does not read the clock."""

from dataclasses import dataclass
from enum import StrEnum

# How soon to ask again while another caller's probe is under way.
_TRIAL_SECONDS = 1.0


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(slots=True)
class Breaker:
    """Opens after `most_failures` in a row; `pause_seconds` later one call may probe.

    That call's success closes it, its failure opens it again. `now` is seconds of any monotonic
    clock, the same in every call.
    """

    most_failures: int
    pause_seconds: float
    failures: int = 0
    _opens_until: float | None = None
    _is_trying: bool = False

    def state(self, now: float) -> BreakerState:
        if self._opens_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._opens_until else BreakerState.HALF_OPEN

    def wait_seconds(self, now: float) -> float:
        """How long nobody may call; 0 if a call may be begun."""
        if self._opens_until is None:
            return 0.0
        if now < self._opens_until:
            return self._opens_until - now
        return _TRIAL_SECONDS if self._is_trying else 0.0

    def begin(self, now: float) -> float:
        """Ask for a call: 0 if it may begin, else how many seconds to wait before asking again.

        A call that has begun must be reported: `succeeded`, `failed` or `given_up`.
        """
        wait = self.wait_seconds(now)
        if not wait and self._opens_until is not None:
            self._is_trying = True
        return wait

    def succeeded(self) -> None:
        self.failures, self._opens_until, self._is_trying = 0, None, False

    def failed(self, now: float, asked_for: float = 0.0) -> bool:
        """Whether this failure opened it; for longer if the other side `asked_for` more."""
        self.failures += 1
        was_closed = self._opens_until is None
        if was_closed and self.failures < self.most_failures:
            return False
        self._opens_until = now + max(self.pause_seconds, asked_for)
        self._is_trying = False
        return was_closed

    def given_up(self) -> None:
        """The call has ended; if it said nothing about the other side, another may probe."""
        self._is_trying = False
