"""What a model's answers cost, and when the daily budget is used up; it does not read the clock.

Money is whole micro-dollars: US dollars per million tokens are micro-dollars per token.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from decimal import ROUND_CEILING, Decimal

MICRO = 1_000_000
# This long after its first analysis a message may be paid for again.
MOST_AGAIN_HOURS = 168


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were charged for; `cached_input_tokens` are a part of `input_tokens`."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: Decimal
    cached_input: Decimal
    output: Decimal

    def of(self, usage: Usage) -> int:
        """Micro-dollars, rounded up: rounding must not hide spending from a cap."""
        fresh = usage.input_tokens - usage.cached_input_tokens
        exact = (
            fresh * self.input
            + usage.cached_input_tokens * self.cached_input
            + usage.output_tokens * self.output
        )
        return micro_dollars(exact / MICRO)


@dataclass(frozen=True, slots=True)
class Budget:
    """At most about `cap` micro-dollars per day in `zone`; no limit if `cap` is 0."""

    cap: int = 0
    zone: tzinfo = UTC

    def day_start(self, now: datetime) -> datetime:
        """When the day that contains `now` began, in UTC."""
        today = now.astimezone(self.zone).date()
        return datetime.combine(today, time.min, self.zone).astimezone(UTC)

    def is_spent(self, spent: int) -> bool:
        return 0 < self.cap <= spent

    @property
    def refusal(self) -> str:
        """Why nothing more is bought today."""
        return f"daily cap of {dollars(self.cap)} USD reached"


NO_BUDGET = Budget()


def micro_dollars(amount: Decimal) -> int:
    """US dollars as micro-dollars, rounded up."""
    return int((amount * MICRO).to_integral_value(ROUND_CEILING))


def dollars(micro: int) -> str:
    """Micro-dollars as US dollars with at least two decimals: `5.00`, `0.000355`."""
    whole, part = divmod(micro, MICRO)
    cents = f"{part:06d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{cents}"
