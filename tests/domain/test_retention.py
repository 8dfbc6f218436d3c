from datetime import UTC, datetime, timedelta, timezone

import pytest

from izer_bridge.domain.retention import cutoffs, is_due

ISTANBUL = timezone(timedelta(hours=3))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ISTANBUL)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-03-02 12:00", True),
        ("2026-03-01 03:00", "2026-03-02 02:59", False),
        ("2026-03-01 03:00", "2026-03-02 03:00", True),
        ("2026-03-02 03:00", "2026-03-02 03:01", False),
        ("2026-03-02 02:59", "2026-03-02 23:00", True),
        ("2026-02-20 03:00", "2026-03-02 01:00", True),
    ],
)
def test_it_is_due_once_after_each_night_hour(last: str | None, now: str, due: bool) -> None:
    began = at(last).astimezone(UTC) if last else None
    assert is_due(began, at(now), 3) is due


def test_a_cutoff_is_days_ago() -> None:
    now = at("2026-03-11 03:00")
    assert cutoffs({"messages": 10}, now) == {"messages": at("2026-03-01 03:00")}
