"""What is printed fits where it goes, whatever alphabet that has."""

import codecs
import sys
from io import TextIOWrapper

# The signs of our own screens, for alphabets that lack them.
_ASCII = {
    **{"✔": "+", "✘": "x", "·": ".", "…": "...", "→": "->", "←": "<-", "–": "-", "—": "-"},
    **{"«": '"', "»": '"', "×": "x", "█": "#", "▀": "#", "▄": "#", "═": "=", "─": "-", "│": "|"},
}
_HANDLER = "izer-bridge"


def prepare() -> None:
    """Nothing that is printed from here on raises for its letters."""
    codecs.register_error(_HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        is_unicode = (stream.encoding or "").lower().startswith("utf")
        if isinstance(stream, TextIOWrapper) and not is_unicode:
            stream.reconfigure(errors=_HANDLER)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_ASCII.get(sign, "?") for sign in signs), error.end
