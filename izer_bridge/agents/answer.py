"""A draft as an agent answers it on `/process`."""

from typing import Any

from izer_bridge.agents.case import Case
from izer_bridge.agents.topic import Draft


def answer_of(agent: str, case: Case, draft: Draft) -> dict[str, Any]:
    """The contract's keys, and those that the built-in agents add for the shop's people."""
    return {
        "reply": draft.reply,
        "confidence": draft.confidence,
        "needs_human": draft.needs_human,
        "actions": draft.actions(),
        "agent": agent,
        "handled_by": agent,
        "language": case.language,
        "topic": draft.topic,
        "next_step": draft.steps[0].text if draft.steps else "",
    }
