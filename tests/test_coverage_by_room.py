"""A room below the target has a reason, and no reason outlives its need."""

from typing import Any

import pytest

from tests.coverage_by_room import by_room, unexplained


def counted(lines: int, of_lines: int, branches: int = 0, of_branches: int = 0) -> dict[str, Any]:
    return {
        "summary": {
            "covered_lines": lines,
            "num_statements": of_lines,
            "covered_branches": branches,
            "num_branches": of_branches,
        }
    }


def test_the_files_of_a_room_count_together() -> None:
    report = {
        "izer_bridge/media/step.py": counted(8, 10, 1, 2),
        "izer_bridge/media/store.py": counted(6, 8),
        "izer_bridge/daemon.py": counted(3, 3),
        "izer_bridge/people/__init__.py": counted(0, 0),
    }
    assert by_room(report) == {"daemon.py": 100.0, "media": 75.0}


@pytest.mark.parametrize(
    ("reasons", "wrong"),
    [({}, ["media"]), ({"media": "why"}, []), ({"media": "why", "agents": "was"}, ["agents"])],
)
def test_a_reason_stands_where_it_is_needed_alone(
    reasons: dict[str, str], wrong: list[str]
) -> None:
    assert unexplained({"agents": 90.0, "media": 89.9}, reasons) == wrong
