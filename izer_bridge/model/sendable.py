"""Which texts may go to a person on WhatsApp, whoever wrote them; pure."""

import re
import unicodedata

LONGEST_TEXT = 4096
_TAG = re.compile(r"<(?:!doctype\b|!--|/?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});", re.IGNORECASE)
_BLANK = frozenset({"Cf", "Zs", "Zl", "Zp"})
_ALLOWED_CONTROLS = frozenset("\n\t")
# Embeddings, overrides and isolates show a text in another order than it is written in.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def tidy(text: str) -> str:
    """The text without blanks around it, its lines ended in one way; empty where all is blank.

    What is no sign of any kind (zero-width spaces, marks of direction) is as blank as a space.
    """
    tidied = text.replace("\r\n", "\n").strip()
    return "" if all(unicodedata.category(one) in _BLANK for one in tidied) else tidied


def faults_of(text: str) -> list[str]:
    """Why a tidy text may not be sent, in words that hold nothing of it; empty where it may."""
    faults = []
    if len(text) > LONGEST_TEXT:
        faults.append(f"{len(text)} characters; at most {LONGEST_TEXT} are sent")
    if _TAG.search(text) or _ENTITY.search(text):
        faults.append("HTML; expected plain text")
    if any(map(_is_control, text)):
        faults.append("control characters; only line breaks and tabs are sent")
    return faults


def sendable(text: str) -> str:
    """The tidy text. Raises ValueError for what nobody should be sent."""
    said = tidy(text)
    faults = faults_of(said)
    if faults:
        raise ValueError(f"the text: {faults[0]}")
    if not said:
        raise ValueError("the text is empty")
    return said


def _is_control(character: str) -> bool:
    """Whether it is shown as nothing and changes how the rest is shown, or is no character."""
    if character in _REORDERING:
        return True
    return unicodedata.category(character) in ("Cc", "Cs") and character not in _ALLOWED_CONTROLS
