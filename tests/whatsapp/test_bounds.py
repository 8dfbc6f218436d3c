"""Anything that a sender writes into a field fits its column and its calendar."""

import math
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.whatsapp.library import bounds

LATEST_MILLISECOND = 253_370_764_800_000
INT64 = st.integers(-(2**63), 2**64)
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)


@given(INT64)
def test_a_size_fits_its_column(value: int) -> None:
    assert 0 <= bounds.size(value) < 2**63


@given(INT64)
def test_any_number_is_a_time_or_none(value: int) -> None:
    found = bounds.moment_in_any_unit(value)
    assert (found is not None) == (0 < value < LATEST_MILLISECOND)


@given(ANY_FLOAT)
def test_any_float_is_a_time(value: float) -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) <= bounds.moment(value)
    assert bounds.moment(value) <= datetime(9999, 1, 1, tzinfo=UTC)


def test_seconds_and_milliseconds_are_the_same_time() -> None:
    seconds = bounds.moment_in_any_unit(1_760_000_000)
    assert seconds == bounds.moment_in_any_unit(1_760_000_000_000)


@given(ANY_FLOAT, ANY_FLOAT)
def test_a_place_is_on_earth_or_nowhere(latitude: float, longitude: float) -> None:
    words = bounds.degrees(latitude, longitude)
    assert "nan" not in words
    assert "inf" not in words
    assert len(words) < 30


def test_no_number_is_no_place() -> None:
    assert bounds.degrees(math.nan, 0) == bounds.degrees(0, math.inf) == bounds.degrees(91, 0) == ""


@pytest.mark.parametrize(
    ("amount", "divisor", "currency", "written"),
    [
        (4_299_500, 1000, "TRY", "4.299,50 TL"),
        (250_000, 1000, "TRY", "250 TL"),
        (1_234_567_890, 1000, "EUR", "1.234.567,89 EUR"),
        (999, 100, "", "9,99"),
        (-5, 1000, "TRY", ""),
        (0, 1000, "TRY", ""),
        (2**63 - 1, 1000, "TRY", ""),
        (5, 0, "TRY", ""),
    ],
)
def test_money_is_written_as_a_turkish_shop_does(
    amount: int, divisor: int, currency: str, written: str
) -> None:
    assert bounds.money(amount, divisor, currency) == written


def test_the_same_letters_are_the_same_name_whichever_keyboard_writes_them() -> None:
    for letters in ("İzer Şahin", "Ölçü çöğüş"):
        for read in (bounds.name, bounds.line):
            assert read(unicodedata.normalize("NFD", letters)) == letters


@given(st.text(max_size=3000))
def test_a_name_is_one_line_that_fits(text: str) -> None:
    name = bounds.name(text)
    assert len(name) <= bounds.LONGEST_NAME
    assert name == name.strip()
    assert "\n" not in name
