"""The schedule of attempts: spread, bounded, and over a day long."""

from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.domain.retry import DISPATCH_ATTEMPTS, retry_seconds

_DAY = 24 * 3600
chances = st.floats(0, 1, exclude_max=True)


def test_the_schedule_lasts_a_day() -> None:
    assert sum(retry_seconds(attempt, 0.5) for attempt in range(1, DISPATCH_ATTEMPTS)) >= _DAY


@given(st.integers(1, DISPATCH_ATTEMPTS), chances)
def test_every_pause_is_within_a_quarter_of_its_place(attempt: int, chance: float) -> None:
    middle = min(300.0, 2.0 ** (attempt - 1))
    assert 0.75 * middle <= retry_seconds(attempt, chance) <= 1.25 * middle


@given(chances, st.floats(0, 1e9))
def test_what_was_asked_for_is_kept_up_to_an_hour(chance: float, asked: float) -> None:
    assert retry_seconds(1, chance, asked_for=asked) == min(asked, 3600.0)
