"""The QR code that stands in the terminal is the one that a phone reads."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from izer_bridge.edges.terminal import qr_lines, qr_screen

LINK_TEXT = "https://wa.me/settings/linked_devices#" + "2@" + "Ab1/" * 59 + ",6"
_UPPER, _LOWER = "█▀", "█▄"


def read_with_zbar(lines: list[str], folder: Path, *, dark: bool = True) -> str:
    """Draw the characters as a terminal does and let zbar read the picture."""
    width = max(map(len, lines))
    picture = Image.new("L", (width + 4, 2 * len(lines) + 4), 0 if dark else 255)
    ink = 255 if dark else 0
    for row, line in enumerate(lines):
        for column, glyph in enumerate(line):
            if glyph in _UPPER:
                picture.putpixel((column + 2, 2 * row + 2), ink)
            if glyph in _LOWER:
                picture.putpixel((column + 2, 2 * row + 3), ink)
    path = folder / "screen.png"
    picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST).save(path)
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(path)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def test_zbar_reads_the_code_on_a_dark_terminal(tmp_path: Path) -> None:
    assert read_with_zbar(qr_lines(LINK_TEXT), tmp_path) == LINK_TEXT


def test_zbar_reads_the_inverted_code_on_a_light_terminal(tmp_path: Path) -> None:
    assert read_with_zbar(qr_lines(LINK_TEXT, invert=True), tmp_path, dark=False) == LINK_TEXT


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
