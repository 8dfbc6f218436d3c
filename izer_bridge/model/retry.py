"""How long to wait before trying again."""

# 1 s doubling up to 5 min reaches past one day after this many tries (Svix: 8 tries in 27 h).
DISPATCH_ATTEMPTS = 300
_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 300.0


def backoff_seconds(attempt: int, *, longest: float = _LONGEST_SECONDS) -> float:
    """The pause after the `attempt`-th failure in a row: 1, 2, 4, … up to `longest` seconds."""
    return float(min(longest, _FIRST_SECONDS * 2 ** min(attempt - 1, 30)))
