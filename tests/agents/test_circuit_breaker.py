"""A party that fails repeatedly is left alone, and probed by one call."""

from izer_bridge.agents.circuit_breaker import Breaker, BreakerState


def failed(breaker: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        assert breaker.begin(now) == 0
        breaker.failed(now)


def test_opens_after_failures_in_a_row() -> None:
    breaker = Breaker(3, 30.0)
    failed(breaker, 0.0, 2)
    breaker.begin(0.0)
    breaker.succeeded()
    failed(breaker, 1.0, 2)
    assert breaker.state(1.0) is BreakerState.CLOSED
    failed(breaker, 2.0)
    assert breaker.state(2.0) is BreakerState.OPEN
    assert breaker.begin(12.0) == 20.0


def test_says_once_that_it_opened() -> None:
    breaker = Breaker(2, 30.0)
    assert [breaker.failed(0.0), breaker.failed(0.0), breaker.failed(0.0)] == [False, True, False]


def test_one_call_tries_it_out_and_closes_it() -> None:
    breaker = Breaker(1, 30.0)
    failed(breaker, 0.0)
    assert breaker.state(30.0) is BreakerState.HALF_OPEN
    assert breaker.begin(30.0) == 0
    assert breaker.begin(30.0) > 0
    breaker.succeeded()
    assert breaker.state(30.0) is BreakerState.CLOSED
    assert breaker.begin(30.0) == 0


def test_a_failed_trial_opens_it_anew() -> None:
    breaker = Breaker(2, 30.0)
    failed(breaker, 0.0, 2)
    failed(breaker, 30.0)
    assert breaker.begin(59.0) == 1.0
    assert breaker.begin(60.0) == 0


def test_a_trial_that_was_given_up_lets_the_next_one_try() -> None:
    breaker = Breaker(1, 30.0)
    failed(breaker, 0.0)
    breaker.begin(30.0)
    breaker.given_up()
    assert breaker.begin(30.0) == 0


def test_stays_open_for_as_long_as_the_other_side_asks() -> None:
    breaker = Breaker(1, 30.0)
    breaker.failed(0.0, asked_for=90.0)
    assert breaker.begin(60.0) == 30.0
