"""What is printed fits where it goes: another alphabet, or a pipe that nobody reads any more."""

import codecs
import os
import sys
from io import TextIOWrapper

# The signs of our own screens, for alphabets that lack them.
_ASCII = {
    **{"✔": "+", "✘": "x", "·": ".", "…": "...", "→": "->", "←": "<-", "–": "-", "—": "-"},
    **{"«": '"', "»": '"', "×": "x", "█": "#", "▀": "#", "▄": "#", "═": "=", "─": "-", "│": "|"},
}
_HANDLER = "izer-bridge"
# As a program ends that SIGPIPE has ended.
EXIT_NOBODY_READS = 141


def prepare() -> None:
    """Nothing that is printed from here on raises for its letters."""
    codecs.register_error(_HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        is_unicode = (stream.encoding or "").lower().startswith("utf")
        if isinstance(stream, TextIOWrapper) and not is_unicode:
            stream.reconfigure(errors=_HANDLER)


def nobody_reads() -> int:
    """The exit code; what is left to be written goes nowhere, and the end of Python is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return EXIT_NOBODY_READS


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_ASCII.get(sign, "?") for sign in signs), error.end
