"""Makes text from outside fit to be stored: valid Unicode, without NUL, of bounded names."""

import hashlib
import json
import math
import re
from typing import Any

NAME_LENGTH = 255
_DIGEST_LENGTH = 64
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without NUL; a lone surrogate becomes U+FFFD. Everything else stays as it is."""
    if text.isascii():
        return text.replace("\0", "")
    return _LONE_SURROGATE.sub("\ufffd", text).replace("\0", "")


def name(text: str) -> str:
    """A name that fits its column: clean, at most 255 characters."""
    return clean(text)[:NAME_LENGTH]


def identifier(text: str) -> str:
    """An id that fits its column; one that is too long keeps its start and gets its hash."""
    text = clean(text)
    if len(text) <= NAME_LENGTH:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: NAME_LENGTH - _DIGEST_LENGTH - 1]}~{digest}"


def dump_json(value: Any) -> str:
    """JSON that every store takes: clean strings, and null for what is no finite number."""
    return json.dumps(_clean_json(value), ensure_ascii=False, allow_nan=False)


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
