"""The one table of transitions: total, with ends that are ends."""

from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.domain.message_state import ALLOWED, PENDING, State, may_move

states = st.sampled_from(State)


@given(states, states)
def test_every_pair_has_an_answer(old: State, new: State) -> None:
    assert may_move(old, new) == (new in ALLOWED[old])


@given(states)
def test_from_everywhere_there_is_a_way_to_an_end(start: State) -> None:
    reached, open_ones = {start}, [start]
    while open_ones:
        for new in ALLOWED[open_ones.pop()] - reached:
            reached.add(new)
            open_ones.append(new)
    assert reached & {State.SETTLED, State.SKIPPED, State.DEAD}


@given(states)
def test_nothing_moves_to_itself(state: State) -> None:
    assert not may_move(state, state)


def test_what_is_done_stays_done_and_what_is_pending_can_die() -> None:
    assert not ALLOWED[State.SETTLED]
    assert not ALLOWED[State.SKIPPED]
    assert all(may_move(state, State.DEAD) for state in PENDING)
