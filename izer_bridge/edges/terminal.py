"""Draws a QR code in half blocks that a phone reads from a terminal or the journal."""

import os
from io import StringIO
from typing import TextIO

from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode

_BORDER = 2
_WHITE_ON_BLACK, _RESET = "\x1b[97;40m", "\x1b[0m"
_HOW = "WhatsApp → Bağlı cihazlar → Cihaz bağla (Linked devices → Link a device)"


def qr_lines(text: str, *, invert: bool = False) -> list[str]:
    """The code in half blocks, light modules as blocks: readable on a dark background.

    A link's text of 277 characters gives 65 columns × 33 rows at level L with a border of 2.
    """
    code = QRCode(error_correction=ERROR_CORRECT_L, border=_BORDER)
    code.add_data(text)
    code.make(fit=True)
    drawn = StringIO()
    code.print_ascii(out=drawn, invert=not invert)
    return drawn.getvalue().replace("\xa0", " ").rstrip("\n").split("\n")


def qr_screen(
    text: str, lives_seconds: int, *, columns: int | None = None, invert: bool = False
) -> str:
    """The code with how to scan it and how long it lives, to be written in one piece.

    `columns` is the width of the terminal, None where there is none; then no colours are set.
    """
    lines = qr_lines(text, invert=invert)
    width = max(map(len, lines))
    if columns is not None:
        lines = [f"{_WHITE_ON_BLACK}{line:<{width}}{_RESET}" for line in lines]
    head = ["", _HOW, f"Valid for {lives_seconds} s; a new code follows.", ""]
    if columns is not None and columns < width:
        head.insert(1, f"This terminal is {columns} columns wide; the code needs {width}.")
    return "\n".join([*head, *lines, ""])


class QrDisplay:
    """Writes each code to `out` as it comes; the old one above it is dead by then."""

    def __init__(self, out: TextIO, *, invert: bool) -> None:
        self._out = out
        self._invert = invert

    def show(self, text: str, lives_seconds: int) -> None:
        columns = os.get_terminal_size(self._out.fileno()).columns if self._out.isatty() else None
        self._out.write(qr_screen(text, lives_seconds, columns=columns, invert=self._invert))
        self._out.write("\n")
        self._out.flush()
