"""The QR code that stands in the terminal is the one that a phone reads."""

import pytest

from izer_bridge.edges.terminal import qr_lines, qr_screen
from izer_bridge.simulator.camera import read_codes

LINK_TEXT = "https://wa.me/settings/linked_devices#" + "2@" + "Ab1/" * 59 + ",6"


@pytest.mark.parametrize("columns", [None, 100])
def test_zbar_reads_the_code_on_a_dark_terminal(columns: int | None) -> None:
    assert read_codes(qr_screen(LINK_TEXT, 20, columns=columns)) == [LINK_TEXT]


def test_zbar_reads_the_inverted_code_on_a_light_terminal() -> None:
    assert read_codes(qr_screen(LINK_TEXT, 20, invert=True), dark=False) == [LINK_TEXT]


def test_zbar_reads_every_code_of_a_series() -> None:
    screen = qr_screen("first", 60) + "some log line\n" + qr_screen("second", 20)
    assert read_codes(screen) == ["first", "second"]


def test_the_code_fits_the_size_that_is_announced() -> None:
    lines = qr_lines("x" * 277)
    assert (max(map(len, lines)), len(lines)) == (65, 33)


@pytest.mark.parametrize("columns", [None, 100])
def test_the_screen_says_how_to_scan_and_how_long(columns: int | None) -> None:
    screen = qr_screen(LINK_TEXT, 20, columns=columns)
    assert "Linked devices" in screen
    assert "20 s" in screen
    assert ("\x1b[97;40m" in screen) == (columns is not None)


def test_a_narrow_terminal_is_told_the_width_that_is_needed() -> None:
    assert "80 columns wide; the code needs" not in qr_screen("x" * 277, 20, columns=80)
    assert "60 columns wide; the code needs 65" in qr_screen("x" * 277, 20, columns=60)
