"""What an agent answered, read without trust: a reply that may be sent, or why it may not."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

LONGEST_REPLY = 4096
MOST_ACTIONS = 50

# An agent answers the chat that it was asked about; whoever names another one is not sent for.
_RECIPIENTS = frozenset(
    {"to", "recipient", "recipients", "chat", "chat_id", "chat_jid", "jid", "phone_number"}
)
_TAG = re.compile(r"<(?:!doctype\b|!--|/?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});", re.IGNORECASE)
_ALLOWED_CONTROLS = frozenset("\n\t")
# Embeddings, overrides and isolates show a text in another order than it is written in.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """The known keys of an agent's answer; whatever else it holds is the agent's own matter.

    `reply` is what may be sent, None where there is nothing to send. `fault` says in one line,
    without the answer's text, why nothing of it may be used; then all the rest is empty.
    """

    reply: str | None = None
    confidence: float | None = None
    needs_human: bool = False
    actions: tuple[Mapping[str, Any] | str, ...] = ()
    fault: str | None = None

    @classmethod
    def parse(cls, response: Mapping[str, Any]) -> Self:
        """Read a JSON object. A key that is null is one that is not there."""
        reply, confidence = response.get("reply"), response.get("confidence")
        needs_human, actions = response.get("needs_human"), response.get("actions")
        faults = [
            *_reply_faults(reply),
            *_confidence_faults(confidence),
            *_actions_faults(actions),
        ]
        if needs_human is not None and not isinstance(needs_human, bool):
            faults.append("needs_human: expected true or false")
        if reply is not None:
            named = sorted(key for key in response if key.casefold() in _RECIPIENTS)
            faults += [f"{key}: an agent cannot choose the recipient" for key in named]
        if faults:
            return cls(fault="; ".join(faults))
        return cls(
            reply=_tidy(reply) or None if reply is not None else None,
            confidence=None if confidence is None else float(confidence),
            needs_human=bool(needs_human),
            actions=tuple(actions or ()),
        )


def _tidy(reply: str) -> str:
    return reply.replace("\r\n", "\n").strip()


def _reply_faults(reply: object) -> list[str]:
    if reply is None:
        return []
    if not isinstance(reply, str):
        return ["reply: expected a string"]
    text, faults = _tidy(reply), []
    if len(text) > LONGEST_REPLY:
        faults.append(f"reply: {len(text)} characters; at most {LONGEST_REPLY} are sent")
    if _TAG.search(text) or _ENTITY.search(text):
        faults.append("reply: HTML; expected plain text")
    if any(map(_is_control, text)):
        faults.append("reply: control characters; only line breaks and tabs are sent")
    return faults


def _is_control(character: str) -> bool:
    """Whether it is shown as nothing and changes how the rest is shown, or is no character."""
    if character in _REORDERING:
        return True
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")
        and character not in _ALLOWED_CONTROLS
    )


def _confidence_faults(confidence: object) -> list[str]:
    is_number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    if confidence is None or (is_number and 0 <= confidence <= 1):  # type: ignore[operator]
        return []
    return ["confidence: expected a number from 0 to 1"]


def _actions_faults(actions: object) -> list[str]:
    if actions is None:
        return []
    if not isinstance(actions, list) or not all(isinstance(one, dict | str) for one in actions):
        return ["actions: expected a list of objects or strings"]
    if len(actions) > MOST_ACTIONS:
        return [f"actions: {len(actions)}; at most {MOST_ACTIONS} are read"]
    return []
