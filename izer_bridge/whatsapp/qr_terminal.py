"""Draws a QR code in half blocks that a phone reads from a terminal or the journal."""

import os
from contextlib import suppress
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from qrcode.main import QRCode

_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
_BORDER = 2
_WHITE_ON_BLACK, _RESET = "\x1b[97;40m", "\x1b[0m"
_SECOND = "Bir kez daha: bu yeni kodu tarayın (once more: scan this new code)"
_HOW = "WhatsApp → Bağlı cihazlar → Cihaz bağla (Linked devices → Link a device)"
_PASSKEY = "Geçiş anahtarı istenirse bağlanamaz (passkey: cannot be linked)."


def qr_lines(text: str, *, invert: bool = False) -> list[str]:
    """The code in half blocks, light modules as blocks: readable on a dark background.

    A link's text of 277 characters gives 65 columns × 33 rows at level L with a border of 2.
    """
    code = code_of(text, border=_BORDER)
    code.make(fit=True)
    drawn = StringIO()
    code.print_ascii(out=drawn, invert=not invert)
    return drawn.getvalue().replace("\xa0", " ").rstrip("\n").split("\n")


def qr_screen(
    text: str,
    until: datetime,
    *,
    size: os.terminal_size | None = None,
    invert: bool = False,
    picture: Path | None = None,
    is_second: bool = False,
) -> str:
    """The code with how to scan it and until when, to be written in one piece.

    `size` is the terminal's, None if there is none; then no colours are set. On too narrow a
    terminal the code would wrap and be unreadable: only the needed size, and `picture`, are named.
    `is_second`: a code was scanned already, and WhatsApp wants this one too.
    """
    lines = qr_lines(text, invert=invert)
    valid = f"Valid until {until.astimezone():%H:%M:%S}"
    follows = f"{_SECOND}. {valid}." if is_second else f"{valid}; a new code follows."
    # After the code, where it stays on the screen when the code has scrolled into it.
    how = ["", _HOW, follows, _PASSKEY]
    width, height = max(map(len, lines)), len(lines) + len(how) + 2
    if size is None:
        return "\n".join([*lines, *how, ""])
    if size.columns < width or size.lines < height:
        or_else = f", or open {picture}" if picture else ""
        how.append(
            f"This terminal is {size.columns} × {size.lines}; the code needs {width} × {height}: "
            f"enlarge the window or make its letters smaller{or_else}.",
        )
    if size.columns < width:
        return "\n".join([*how, ""])
    drawn = (f"{_WHITE_ON_BLACK}{one:<{width}}{_RESET}" for one in lines)
    return "\n".join([*drawn, *how, ""])


class QrDisplay:
    """Writes each code to `out` as it comes, and also as a picture; both are secrets."""

    def __init__(self, out: TextIO, *, invert: bool, picture: Path) -> None:
        self._out = out
        self._invert = invert
        self._picture = picture

    def show(self, text: str, until: datetime, *, is_second: bool = False) -> None:
        """Show a new code; the one above it is dead by then. A full disk stops nothing."""
        with suppress(OSError):
            _draw(text, self._picture)
        size = os.get_terminal_size(self._out.fileno()) if self._out.isatty() else None
        screen = qr_screen(
            text,
            until,
            size=size,
            invert=self._invert,
            picture=self._picture,
            is_second=is_second,
        )
        self._out.write(screen + "\n")
        self._out.flush()

    def hide(self) -> None:
        """No code is shown any longer."""
        with suppress(OSError):
            self._picture.unlink(missing_ok=True)


def code_of(text: str, border: int) -> "QRCode":
    """The code as the library has it, with `border` modules of quiet zone."""
    # A bridge that is already linked shows no code and needs none of this in its memory.
    from qrcode.constants import ERROR_CORRECT_L
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_L, border=border)
    code.add_data(text)
    return code


def _draw(text: str, picture: Path) -> None:
    code = code_of(text, border=4)
    # Nobody but the owner may read it, not even while it is being created.
    with open(os.open(picture, _WRITING, 0o600), "wb") as file:
        code.make_image().save(file)
