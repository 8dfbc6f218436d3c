"""Makes text from outside fit to be stored: valid Unicode, without NUL, names of bounded length."""

import hashlib
import json
import math
import re
import unicodedata
from typing import Any

NAME_LENGTH = 255
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without NUL; a lone surrogate becomes U+FFFD. Everything else is unchanged."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = _LONE_SURROGATE.sub("\ufffd", text)
    return text.replace("\0", "")


def name(text: str) -> str:
    """A name that fits its column: clean, in NFC, at most 255 characters."""
    if text.isascii() and len(text) <= NAME_LENGTH:
        return clean(text)
    return unicodedata.normalize("NFC", clean(text)[: 4 * NAME_LENGTH])[:NAME_LENGTH]


def identifier(text: str, longest: int = NAME_LENGTH) -> str:
    """An id that fits its column; an overlong one keeps its start and gets its hash.

    So does an id that ends in a space: MySQL takes it for the same as without.
    """
    text = clean(text)
    if len(text) <= longest and not text.endswith(" "):
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[: longest // 2]
    return f"{text[: longest - len(digest) - 1].rstrip(' ')}~{digest}"


def dump_json(value: Any) -> str:
    """JSON that every store accepts: clean strings, and null for a number that is not finite."""
    return json.dumps(
        _clean_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def _clean_json(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {clean(str(key)): _clean_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean_json(item) for item in value]
    return value
