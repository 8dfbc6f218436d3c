"""Which texts may be sent to a person on WhatsApp, whoever wrote them; pure."""

import re
import unicodedata

LONGEST_TEXT = 4096
_TAG = re.compile(r"<(?:!doctype\b|!--|/?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});", re.IGNORECASE)
_BLANK = frozenset({"Cf", "Zs", "Zl", "Zp"})
# Invisible characters that change how the rest is displayed, and non-characters: controls except
# line breaks and tabs, surrogate halves, and everything that reorders text: embeddings, overrides
# and isolates.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def tidy(text: str) -> str:
    """The text without surrounding whitespace, with uniform line endings; empty if it is blank.

    Invisible characters (zero-width spaces, direction marks) count as whitespace.
    """
    tidied = text.replace("\r\n", "\n").strip()
    return "" if all(unicodedata.category(one) in _BLANK for one in tidied) else tidied


def faults_of(text: str) -> list[str]:
    """Why a tidy text may not be sent, in words that quote nothing of it; empty if it may."""
    faults = []
    if len(text) > LONGEST_TEXT:
        faults.append(f"{len(text)} characters; at most {LONGEST_TEXT} are sent")
    if _TAG.search(text) or _ENTITY.search(text):
        faults.append("HTML; expected plain text")
    if _CONTROL.search(text):
        faults.append("control characters; only line breaks and tabs are sent")
    return faults


def sendable(text: str) -> str:
    """The tidy text. Raises ValueError if nobody should be sent it."""
    said = tidy(text)
    faults = faults_of(said)
    if faults:
        raise ValueError(f"the text: {faults[0]}")
    if not said:
        raise ValueError("the text is empty")
    return said
