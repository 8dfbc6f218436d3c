"""How long to wait before trying again."""

# With the pauses below, this many attempts span over a day (Svix: 8 tries in 27 h 35 min).
DISPATCH_ATTEMPTS = 320
_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 300.0
LONGEST_ASKED_SECONDS = 3600.0
# Pauses before an event is delivered again: 27 h 36 min in all, as long as Svix takes.
_DELIVERY_SECONDS = (5.0, 30.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 36_000.0)
DELIVERY_ATTEMPTS = len(_DELIVERY_SECONDS) + 1
# Between 75 % and 125 % of the pause, so that many messages do not come back at once.
_LEAST_PART, _SPREAD = 0.75, 0.5


def backoff_seconds(attempt: int, *, longest: float = _LONGEST_SECONDS) -> float:
    """The pause after the `attempt`-th failure in a row: 1, 2, 4, … up to `longest` seconds."""
    return float(min(longest, _FIRST_SECONDS * 2 ** min(attempt - 1, 30)))


def retry_seconds(attempt: int, chance: float, *, asked_for: float | None = None) -> float:
    """The pause before a dispatch is retried; `chance` is a random number in [0, 1).

    A pause that the other side asked for is kept, up to an hour.
    """
    if asked_for is not None:
        return min(asked_for, LONGEST_ASKED_SECONDS)
    return backoff_seconds(attempt) * (_LEAST_PART + _SPREAD * chance)


def delivery_seconds(attempt: int, chance: float, *, asked_for: float | None = None) -> float:
    """The pause after the `attempt`-th failure to deliver an event; `chance` is in [0, 1).

    Up to a quarter longer than planned, and never shorter than the other side asked for.
    """
    return max(_DELIVERY_SECONDS[attempt - 1] * (1 + chance / 4), asked_for or 0.0)
