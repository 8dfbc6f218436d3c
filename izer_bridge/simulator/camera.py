"""The phone's camera: finds the QR codes in a terminal's text, and zbar reads them."""

import re
import subprocess
from collections.abc import Iterator
from itertools import groupby

_UPPER, _LOWER = frozenset("█▀"), frozenset("█▄")
_SMALLEST = 21
_SCALE = 6
_MARGIN = 4
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# The journal's prefix on each line; a camera sees it beside the code.
_PREFIX = re.compile(r"^\w{3} \d\d \d\d:\d\d:\d\d \S+ \S+\[\d+\]: ")


def read_codes(screen: str, *, dark: bool = True) -> list[str]:
    """The texts of the codes on `screen`, in order; unreadable codes are left out.

    `dark` says that the terminal shows light characters on a dark ground.
    """
    return [
        text for lines in _drawings(screen) if (text := read_picture(_picture(lines, dark=dark)))
    ]


def _drawings(screen: str) -> Iterator[list[str]]:
    lines = _COLOUR.sub("", screen).split("\n")
    for is_drawing, group in groupby(lines, _is_drawn):
        block = list(group)
        if is_drawing and len(block) * 2 >= _SMALLEST:
            yield block


def _is_drawn(line: str) -> bool:
    drawn = _PREFIX.sub("", line)
    return bool(drawn.strip()) and set(drawn) <= {" ", *_UPPER, *_LOWER}


def _picture(lines: list[str], *, dark: bool) -> bytes:
    """A portable grey map of the characters as a terminal draws them."""
    ink, ground = (255, 0) if dark else (0, 255)
    width = max(map(len, lines)) + 2 * _MARGIN
    blank = [ground] * width
    rows = [blank] * _MARGIN
    for line in lines:
        for half in (_UPPER, _LOWER):
            # A prefix's letters appear beside the code as something light that is not part of it.
            cells = [ink if glyph in half or glyph.isalnum() else ground for glyph in line]
            rows.append([*blank[:_MARGIN], *cells, *blank[_MARGIN + len(cells) :]])
    rows += [blank] * _MARGIN
    pixels = b"".join(bytes(value for value in row for _ in range(_SCALE)) * _SCALE for row in rows)
    return b"P5 %d %d 255\n" % (width * _SCALE, len(rows) * _SCALE) + pixels


def read_picture(picture: bytes) -> str:
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-"],  # noqa: S607
        input=picture,
        capture_output=True,
        check=False,
    )
    return found.stdout.decode().strip()
