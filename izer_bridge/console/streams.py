"""Makes output fit its destination, whatever its character set."""

import codecs
import sys
from io import TextIOWrapper

# Replacements for our screens' signs in character sets that lack them.
_ASCII = {
    **{"✔": "+", "✘": "x", "·": ".", "…": "...", "→": "->", "←": "<-", "–": "-", "—": "-"},
    **{"«": '"', "»": '"', "×": "x", "█": "#", "▀": "#", "▄": "#", "═": "=", "─": "-", "│": "|"},
}
_HANDLER = "izer-bridge"


def prepare() -> None:
    """From here on no output raises because of its characters."""
    codecs.register_error(_HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        # None where it was closed before the start.
        if isinstance(stream, TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors=_HANDLER)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_ASCII.get(sign, "?") for sign in signs), error.end
