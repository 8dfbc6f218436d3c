from datetime import timedelta

import pytest

from izer_bridge.domain.durations import in_one_unit, in_two_units

_UNITS = ("dk", "sa", "gün")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "1 dk"), (119, "119 dk"), (120, "2 sa"), (2_879, "47 sa"), (2_880, "2 gün")],
)
def test_one_unit(minutes: int, said: str) -> None:
    assert in_one_unit(timedelta(minutes=minutes), _UNITS) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.9, "59 s"), (3_600, "1 h 0 min"), (86_460, "1 d 0 h"), (90_000, "1 d 1 h")],
)
def test_two_units(seconds: float, said: str) -> None:
    assert in_two_units(seconds, ("s", "min", "h", "d")) == said


def test_two_units_without_seconds() -> None:
    assert [in_two_units(seconds, _UNITS) for seconds in (59, 3_659)] == ["0 dk", "1 sa 0 dk"]
