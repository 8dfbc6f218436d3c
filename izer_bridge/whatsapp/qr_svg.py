"""A QR code as a picture within a page."""

from itertools import groupby
from typing import NamedTuple

from izer_bridge.whatsapp.qr_terminal import code_of

# Scanners look for a quiet zone of four modules.
_BORDER = 4


class QrPicture(NamedTuple):
    """`path` draws the dark modules in a square of `side` units."""

    side: int
    path: str


def qr_picture(text: str) -> QrPicture:
    code = code_of(text, border=_BORDER)
    code.make(fit=True)
    rows = code.get_matrix()
    return QrPicture(len(rows), "".join(_line(y, row) for y, row in enumerate(rows)))


def _line(y: int, row: list[bool | None]) -> str:
    """One rectangle for each run of dark modules."""
    drawn, x = "", 0
    for is_dark, run in groupby(map(bool, row)):
        length = len(list(run))
        if is_dark:
            drawn += f"M{x} {y}h{length}v1h-{length}z"
        x += length
    return drawn
