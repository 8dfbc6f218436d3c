from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.web.retry_after import LONGEST_SECONDS, retry_after_seconds

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sat, 01 Mar 2025 09:30:20 GMT", 20.0),
        ("Sat, 01 Mar 2025 09:00:00 GMT", 0.0),
        ("9" * 400, LONGEST_SECONDS),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_SECONDS),
        ("-1", None),
        ("soon", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_reads_seconds_and_dates(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text())
def test_never_fails_and_stays_within_a_day(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS
