"""Reads an agent's answer without trusting it: a reply that may be sent, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from izer_bridge.domain.sendable_text import faults_of, tidy

MOST_ACTIONS = 50

# An agent answers the chat that it was asked about; an answer that names another is not sent.
_RECIPIENTS = frozenset(
    {"to", "recipient", "recipients", "chat", "chat_id", "chat_jid", "jid", "phone_number"}
)


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """The known keys of an agent's answer; anything else in it is the agent's own matter.

    `reply` is what may be sent, None if there is nothing to send. `fault` says in one line, without
    the answer's text, why nothing of it may be used; then everything else is empty.
    """

    reply: str | None = None
    confidence: float | None = None
    needs_human: bool = False
    actions: tuple[Mapping[str, Any] | str, ...] = ()
    fault: str | None = None

    @classmethod
    def parse(cls, response: Mapping[str, Any]) -> Self:
        """Read a JSON object. A null key counts as missing."""
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
            reply=tidy(reply) or None if reply is not None else None,
            confidence=None if confidence is None else float(confidence),
            needs_human=bool(needs_human),
            actions=tuple(actions or ()),
        )


def _reply_faults(reply: object) -> list[str]:
    if reply is None:
        return []
    if not isinstance(reply, str):
        return ["reply: expected a string"]
    return [f"reply: {fault}" for fault in faults_of(tidy(reply))]


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
