"""The QR code in the terminal, the journal or a file is the one that a phone reads."""

import subprocess
from datetime import UTC, datetime
from io import StringIO
from os import terminal_size
from pathlib import Path

import pytest

from izer_bridge.simulator.camera import read_codes
from izer_bridge.whatsapp.qr_terminal import QrDisplay, qr_lines, qr_screen

LINK_TEXT = "https://wa.me/settings/linked_devices#" + "2@" + "Ab1/" * 59 + ",6"
UNTIL = datetime(2026, 3, 1, 9, 30, 20, tzinfo=UTC)
LARGE = terminal_size((100, 50))
JOURNAL = "Mar 01 09:30:00 shop izer-bridge[4711]: "


@pytest.mark.parametrize("size", [None, LARGE])
def test_zbar_reads_the_code_on_a_dark_terminal(size: terminal_size | None) -> None:
    assert read_codes(qr_screen(LINK_TEXT, UNTIL, size=size)) == [LINK_TEXT]


def test_zbar_reads_the_inverted_code_on_a_light_terminal() -> None:
    screen = qr_screen(LINK_TEXT, UNTIL, invert=True)
    assert read_codes(screen, dark=False) == [LINK_TEXT]


def test_colours_make_it_readable_on_a_light_terminal_too() -> None:
    screen = qr_screen(LINK_TEXT, UNTIL, size=LARGE)
    drawn = [line for line in screen.split("\n") if "█" in line]
    assert all(line.startswith("\x1b[97;40m") and line.endswith("\x1b[0m") for line in drawn)


def test_zbar_reads_it_with_the_journals_prefix() -> None:
    screen = qr_screen(LINK_TEXT, UNTIL)
    assert read_codes("\n".join(JOURNAL + line for line in screen.split("\n"))) == [LINK_TEXT]


def test_zbar_reads_every_code_of_a_series() -> None:
    screen = qr_screen("first", UNTIL) + "some log line\n" + qr_screen("second", UNTIL)
    assert read_codes(screen) == ["first", "second"]


def test_the_code_fits_the_size_that_is_announced() -> None:
    lines = qr_lines("x" * 277)
    assert (max(map(len, lines)), len(lines)) == (65, 33)


@pytest.mark.parametrize("size", [None, LARGE])
def test_the_screen_says_how_to_scan_and_until_when(size: terminal_size | None) -> None:
    screen = qr_screen(LINK_TEXT, UNTIL, size=size)
    assert "Linked devices" in screen
    assert f"Valid until {UNTIL.astimezone():%H:%M:%S}" in screen


def test_after_a_scan_that_did_not_count_it_asks_for_this_code() -> None:
    screen = qr_screen(LINK_TEXT, UNTIL, is_second=True)
    assert "scan this new code" in screen
    assert "a new code follows" not in screen


@pytest.mark.parametrize("size", [(64, 50), (80, 24)])
def test_too_small_a_terminal_is_told_what_is_needed_and_where_the_picture_is(
    size: tuple[int, int],
) -> None:
    screen = qr_screen("x" * 277, UNTIL, size=terminal_size(size), picture=Path("state/qr.png"))
    assert f"This terminal is {size[0]} × {size[1]}; the code needs 65 × 39" in screen
    assert "state/qr.png" in screen
    assert ("█" in screen) == (size[0] >= 65)


def test_the_size_that_is_asked_for_is_enough() -> None:
    screen = qr_screen("x" * 277, UNTIL, size=terminal_size((65, 39)))
    assert "This terminal" not in screen
    assert len((screen + "\n").split("\n")) <= 39


def test_the_picture_is_private_and_goes_with_the_code(tmp_path: Path) -> None:
    out, picture = StringIO(), tmp_path / "qr.png"
    display = QrDisplay(out, invert=False, picture=picture)
    display.show("an older one", UNTIL)
    display.show(LINK_TEXT, UNTIL)
    assert picture.stat().st_mode & 0o777 == 0o600
    scanned = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, check=True)
    assert scanned.stdout.decode().strip() == LINK_TEXT
    assert read_codes(out.getvalue()) == ["an older one", LINK_TEXT]
    display.hide()
    assert not picture.exists()
