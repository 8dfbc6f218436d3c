"""What somebody chose or filled in: buttons, lists, and the forms of native flows.

A flow's answer arrives as JSON for a program. People are shown its values, under their keys if
those are words, without the tokens and ids beside them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, listed, worded
from izer_bridge.whatsapp.library import bounds

_LONGEST_JSON = 65_536
_DEEPEST = 6
_SHOWN_FIRST = ("display_text", "displayText", "title", "selectedDisplayText", "text")
# Ids, tokens, versions: fields that only the form's own program reads.
_TECHNICAL = re.compile(
    r"(?:^|_)(?:id|ids|token|version|params|hash|nonce|signature|index|payload)$|[a-z]ID$|[a-z]Id$"
)
_WORD = re.compile(r"[^\W\d_]{2,30}")
# WhatsApp numbers the options of its forms: `0_Evet`.
_NUMBERED = re.compile(r"^\d{1,3}_(?=\S)")
# The complete pairs in JSON that was cut off.
_PAIR = re.compile(r'"([^"\\]{1,60})"\s*:\s*("(?:[^"\\]|\\.)*")')
_YES_NO = {True: "evet", False: "hayır"}


def button(part: Any) -> Content:
    return _chosen(part.selectedDisplayText, part.selectedButtonID)


def template_button(part: Any) -> Content:
    return _chosen(part.selectedDisplayText, part.selectedID)


def list_row(part: Any) -> Content:
    words = listed((part.title, part.description))
    return _chosen(" – ".join(words), part.singleSelectReply.selectedRowID)


def flow(part: Any) -> Content:
    """A form's answer: its body, and the values that the body does not contain."""
    body = bounds.text(part.body.text).strip()
    values = readable(part.nativeFlowResponseMessage.paramsJSON)
    if values and not all(value in body for _, value in values):
        filled = ", ".join(listed(f"{key}: {value}" if key else value for key, value in values))
        return Content(Kind.TEXT, f"{body} ({filled})" if body else filled)
    if body:
        return Content(Kind.TEXT, body)
    name = bounds.name(part.nativeFlowResponseMessage.name)
    return Content(
        Kind.UNSUPPORTED, worded("form yanıtı", name), unread="interactiveResponseMessage"
    )


def _chosen(words: str, identifier: str) -> Content:
    return Content(Kind.TEXT, bounds.text(words).strip() or bounds.name(identifier))


def readable(raw: str) -> list[tuple[str, str]]:
    """The values of such JSON, each with its key if that is a word; only its id if there is nothing
    else.
    """
    members = parsed(raw) or _whole_pairs(raw)
    values = [(key, value) for key, value in _values("", members, _DEEPEST) if value]
    if not values and isinstance(members, dict):
        values = [("", bounds.line(str(members["id"])))] if members.get("id") else []
    return values


def parsed(raw: str) -> Any:
    """The JSON's content; None if it is not JSON."""
    try:
        return json.loads(raw[:_LONGEST_JSON])
    # Thousands of brackets make the parser fail.
    except (ValueError, RecursionError):
        return None


def _whole_pairs(raw: str) -> dict[str, Any]:
    return {key: parsed(value) for key, value in _PAIR.findall(raw[:_LONGEST_JSON])}


def _values(key: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Values, including those of JSON that is a string within JSON."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = parsed(value)
    if depth < 0 or value is None:
        return
    if isinstance(value, dict):
        yield from _members(value, depth)
    elif isinstance(value, list):
        for item in value:
            yield from _values(key, item, depth - 1)
    else:
        said = _YES_NO[value] if isinstance(value, bool) else bounds.line(str(value))
        yield key if _WORD.fullmatch(key) else "", _NUMBERED.sub("", said)


def _members(members: dict[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    """The members that people are shown, first."""
    for name in _SHOWN_FIRST:
        yield from _values("", members.get(name), 0)
    for key, value in members.items():
        if key not in _SHOWN_FIRST and not _TECHNICAL.search(key):
            yield from _values(key, value, depth - 1)
