"""Reads the reply in an agent's answer; whatever is wrong with it is named, and nothing is sent."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from izer_bridge.model.outbox import LONGEST_TEXT

# The bridge alone decides to whom an answer goes.
_RECIPIENTS = frozenset(
    {
        *("to", "recipient", "recipients", "receiver", "jid", "chat_id", "chat_jid", "chat"),
        *("phone", "phone_number", "number", "group", "group_id"),
    }
)
_TAG = re.compile(
    r"<(?:[a-z][a-z0-9-]*(?:\s[^<>]*)?/?|/[a-z][a-z0-9-]*\s*|!--.*?--|!doctype[^>]*)>", re.I | re.S
)
# They turn what follows around, so that a reader sees another text than the shop approved.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an agent proposes to say. `confidence` is 0–1, None where the agent gives none."""

    text: str = field(repr=False)
    confidence: float | None = None
    needs_human: bool = False


def proposal_in(answer: Mapping[str, Any]) -> Proposal | None:
    """The reply in an agent's answer, or None where it holds none.

    Raises ValueError that says what is wrong, without any of the text.
    """
    reply = answer.get("reply")
    if reply is None:
        return None
    if not isinstance(reply, str):
        raise ValueError("reply: expected a string")
    if named := sorted(_RECIPIENTS & answer.keys()):
        raise ValueError(f"{named[0]}: an agent may not name a recipient")
    needs_human = answer.get("needs_human", False)
    if not isinstance(needs_human, bool):
        raise ValueError("needs_human: expected true or false")
    if not isinstance(answer.get("actions", []), list):
        raise ValueError("actions: expected a list")
    return Proposal(sendable(reply), _confidence(answer.get("confidence")), needs_human)


def sendable(text: str) -> str:
    """The text without blanks around it. Raises ValueError for what nobody should be sent."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the text is longer than {LONGEST_TEXT} characters")
    if any(_is_control(one) for one in text):
        raise ValueError("the text holds control characters")
    if _TAG.search(text):
        raise ValueError("the text holds HTML")
    if not text.strip():
        raise ValueError("the text is empty")
    return text.strip()


def _is_control(one: str) -> bool:
    return (unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t") or one in _TURNING


def _confidence(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("confidence: expected a number from 0 to 1")
    return float(value)
