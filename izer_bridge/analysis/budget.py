"""Keeps to the daily budget, and asks the store for its sum as rarely as that allows."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from izer_bridge.analysis.ports import Spent
from izer_bridge.domain.cost import Budget, Price, Usage

log = structlog.get_logger(__name__)

_ASK_AGAIN_AFTER = timedelta(seconds=30)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Spending:
    """Today's sum: the store's, plus what this process has added since or keeps outside the store.

    The store is asked at the first message of a day, then at most every 30 s: that is how late one
    of several processes learns what the others spend. Calls under way when the cap is reached are
    still paid for. Without a cap the store is never asked.
    """

    def __init__(
        self, source: Spent, price: Price | None, budget: Budget, now: Callable[[], datetime]
    ) -> None:
        self._source = source
        self._price = price
        self._budget = budget
        self._now = now
        self._day = self._asked_at = _NEVER
        self._spent = 0
        self._besides = 0
        self._asking = asyncio.Lock()

    async def refusal(self) -> str | None:
        """Why no more may be spent now, if so. Raises TransientError if the store is away."""
        if not self._budget.cap:
            return None
        async with self._asking:
            await self._look()
        spent = self._spent + self._besides
        return self._budget.refusal if self._budget.is_spent(spent) else None

    def charge(self, usage: Usage | None) -> int | None:
        """The cost in micro-dollars, counted at once; None if the price is unknown."""
        if usage is None or self._price is None:
            return None
        cost = self._price.of(usage)
        self._spent += cost
        return cost

    def charge_besides(self, usage: Usage, price: Price | None) -> int | None:
        """As `charge`, for costs that the store does not sum: a restart forgets them."""
        if price is None:
            return None
        cost = price.of(usage)
        self._besides += cost
        return cost

    async def _look(self) -> None:
        now = self._now()
        day = self._budget.day_start(now)
        is_new = day != self._day
        if not is_new and (
            self._budget.is_spent(self._spent) or now - self._asked_at < _ASK_AGAIN_AFTER
        ):
            return
        if is_new:
            self._besides = 0
        before = self._spent
        found = await self._source.spent_since(day)
        # Costs added meanwhile may be counted twice until the next look, but none is missed.
        self._spent += found - before
        self._day, self._asked_at = day, now
