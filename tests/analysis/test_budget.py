"""The daily budget: across restarts and midnight, without asking the store at every message."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from izer_bridge.analysis.budget import Spending
from izer_bridge.domain.cost import Budget, Price, Usage
from tests.store.ledgers import Clock

PRICE = Price(Decimal(1), Decimal(1), Decimal(1))
CALL = Usage(400, 0, 100)


@dataclass
class FakeSpent:
    """The store's sum; `asked` records the start of each query."""

    sum: int = 0
    asked: list[datetime] = field(default_factory=list)

    async def spent_since(self, moment: datetime) -> int:
        self.asked.append(moment)
        return self.sum


def spending(spent: FakeSpent, clock: Clock, cap: int = 1_000) -> Spending:
    return Spending(spent, PRICE, Budget(cap), clock)


async def test_the_cap_ends_it_and_what_was_spent_before_counts() -> None:
    one = spending(FakeSpent(sum=500), Clock())
    assert await one.refusal() is None
    assert one.charge(CALL) == 500
    assert await one.refusal() == "daily cap of 0.001 USD reached"


async def test_the_store_is_asked_rarely_and_not_at_all_without_a_cap() -> None:
    spent, clock = FakeSpent(), Clock()
    one = spending(spent, clock)
    for _ in range(50):
        await one.refusal()
    assert len(spent.asked) == 1
    clock.forward(31)
    await one.refusal()
    assert len(spent.asked) == 2
    await spending(spent, clock, cap=0).refusal()
    assert len(spent.asked) == 2


async def test_a_new_day_has_new_money() -> None:
    spent, clock = FakeSpent(sum=2_000), Clock()
    one = spending(spent, clock)
    assert await one.refusal() is not None
    spent.sum = 0
    clock.now += timedelta(days=1)
    assert await one.refusal() is None


def test_what_has_no_price_costs_nothing_that_is_known() -> None:
    one = Spending(FakeSpent(), None, Budget(), Clock())
    assert one.charge(CALL) is None
