"""Text made comparable: one spelling for every way to type a word. It refuses to judge meaning."""

import re
import unicodedata

# Format (Cf: zero-width, bidi), private and unassigned characters show nothing and hide words.
_INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs"}
_UNUSUAL = re.compile(r"[^\t\n\r -~¡-¬®-ͷ]")
# Emoji sequences (families, flags) hold together by this joiner; it goes only between letters.
_JOINER = "\u200d"


def visible(text: str) -> str:
    """The text on one line without characters that nobody sees, such as bidi overrides."""
    return " ".join(_UNUSUAL.sub(_shown, text).split())


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    if character == _JOINER:
        return ""
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in _INVISIBLE else character
