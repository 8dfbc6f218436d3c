"""The result of a model that words replies, and the budget that pays for it."""

from dataclasses import dataclass

from izer_bridge.analysis.budget import Spending
from izer_bridge.domain.cost import Price, Usage


@dataclass(frozen=True, slots=True)
class ModelWording:
    """A reply as a model worded it, unchecked; `confidence` is 0–1.

    `usage` is what it cost, if the endpoint says so.
    """

    reply: str
    confidence: float
    needs_human: bool
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class ModelBudget:
    """Pays for a model out of the day's money: asked before each call, told after it."""

    spending: Spending
    price: Price | None

    async def refusal(self) -> str | None:
        """Why no more may be spent now, if so. Raises TransientError if the store is away."""
        return await self.spending.refusal()

    def pay(self, usage: Usage) -> int | None:
        """The cost in micro-dollars, counted at once; None if the price is unknown."""
        return self.spending.charge_besides(usage, self.price)
