"""Which entry of a chat's log belongs to which call."""

from datetime import UTC, datetime, timedelta

import pytest

from izer_bridge.domain.call import CallSign, Told, nearest

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def told(seconds: int, sign: CallSign) -> Told:
    return sign, NOON + timedelta(seconds=seconds)


RINGS = CallSign(is_entry=False, is_video=False, is_beginning=True)
ENDS = CallSign(is_entry=False)
MISSED = CallSign(is_entry=True, is_video=False)
TALK = CallSign(is_entry=True, is_video=False, seconds=1_800)
VIDEO = CallSign(is_entry=True, is_video=True)


@pytest.mark.parametrize(
    ("ringing", "entry", "seconds", "is_one"),
    [
        (RINGS, MISSED, 0, True),
        (RINGS, MISSED, -5, True),
        (RINGS, MISSED, -6, False),
        (RINGS, MISSED, 170, True),
        (RINGS, MISSED, 600, False),
        (ENDS, MISSED, -45, True),
        (ENDS, MISSED, -90, False),
        (RINGS, TALK, 0, True),
        (RINGS, TALK, 1_820, True),
        (RINGS, TALK, 900, False),
        (RINGS, VIDEO, 0, False),
        (ENDS, VIDEO, 0, True),
        (RINGS, RINGS, 0, False),
        (MISSED, MISSED, 0, False),
    ],
)
def test_signs_are_of_one_call_by_time_and_sort(
    ringing: CallSign, entry: CallSign, seconds: int, is_one: bool
) -> None:
    one, other = told(0, ringing), told(seconds, entry)
    assert (nearest(one, [other]) == 0) is is_one
    assert (nearest(other, [one]) == 0) is is_one


def test_of_several_calls_the_nearest_counts_and_of_two_as_near_none() -> None:
    calls = [told(0, RINGS), told(100, RINGS)]
    assert nearest(told(0, MISSED), calls) == 0
    assert nearest(told(99, MISSED), calls) == 1
    assert nearest(told(120, MISSED), calls) == 1
    assert nearest(told(100, MISSED), [*calls, told(100, ENDS)]) is None
    assert nearest(told(0, MISSED), []) is None
