"""Money in whole micro-dollars, rounded so that a cap is never exceeded unnoticed."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.domain.cost import Budget, Price, Usage, dollars, micro_dollars

PRICE = Price(Decimal("0.25"), Decimal("0.025"), Decimal(2))
TOKENS = st.integers(0, 10_000_000)


def test_cached_tokens_are_cheaper() -> None:
    assert PRICE.of(Usage(700, 0, 90)) == 355
    assert PRICE.of(Usage(700, 400, 90)) == 265


@given(st.lists(st.builds(Usage, TOKENS, st.just(0), TOKENS), max_size=5))
def test_parts_never_cost_less_than_the_whole(parts: list[Usage]) -> None:
    whole = PRICE.of(sum(parts, Usage()))
    assert 0 <= sum(map(PRICE.of, parts)) - whole <= len(parts)


@given(st.integers(0, 10**12))
def test_dollars_say_exactly_what_they_are(micro: int) -> None:
    assert micro_dollars(Decimal(dollars(micro))) == micro


def test_a_day_begins_where_the_shop_is() -> None:
    istanbul = timezone(timedelta(hours=3))
    budget = Budget(cap=5_000_000, zone=istanbul)
    now = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    assert budget.day_start(now) == datetime(2026, 3, 1, 21, tzinfo=UTC)
    assert (budget.is_spent(4_999_999), budget.is_spent(5_000_000)) == (False, True)
    assert budget.refusal == "daily cap of 5.00 USD reached"
    assert not Budget().is_spent(10**12)
