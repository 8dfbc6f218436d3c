"""Text that cannot steer a terminal, a log or the reading direction."""

import unicodedata

# Zero-width joiners hold families and flags together, spaces of every width separate words.
_KEPT = frozenset("\n\u200d")
_BLANK = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Letters, symbols and marks by category that show nothing: fillers, braille's blank, selectors.
_FILLERS = frozenset(
    "\u034f\u115f\u1160\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
)


def plain(text: str) -> str:
    """`text` with its lines, without control, format, private and unassigned characters."""
    return text if text.isprintable() else "".join(filter(is_shown, text))


def line(text: str) -> str:
    """The same on one line, words separated by single spaces."""
    spaced = text if text.isprintable() else "".join(map(_blank_for_break, text))
    return " ".join(plain(spaced).split())


def is_blank(text: str) -> bool:
    """Whether nothing of it is visible: zero-width characters, fillers and spaces of any width."""
    return all(unicodedata.category(sign) in _BLANK or sign in _FILLERS for sign in text)


def is_shown(sign: str) -> bool:
    return sign.isprintable() or sign in _KEPT or unicodedata.category(sign) == "Zs"


def _blank_for_break(sign: str) -> str:
    """Characters that end a line or move the cursor separate words; invisible ones do not."""
    return " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
