"""Turns a draft into an answer on `/process`; a danger warning comes first, whoever drafted."""

from collections.abc import Collection
from typing import Any

from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft
from izer_bridge.agents.safety_words import led, warning
from izer_bridge.domain.danger import Danger


def answer_of(agent: str, case: Case, draft: Draft) -> dict[str, Any]:
    """The contract's keys, and those that the built-in agents add for the shop's people."""
    return safe(case, _plain(agent, case, draft), draft.dangers)


def safe(case: Case, answer: dict[str, Any], told: Collection[Danger] = ()) -> dict[str, Any]:
    """The answer, its reply led by warnings about the case's dangers and those in `told`.

    If it has no reply to lead, the warnings are the reply.
    """
    dangers = {*case.dangers, *told}
    reply = answer.get("reply")
    if not dangers or not isinstance(reply, str | None):
        return answer
    said = led(reply, dangers, case.language) if reply else warning(dangers, case.language)
    return answer | {"reply": said}


def _plain(agent: str, case: Case, draft: Draft) -> dict[str, Any]:
    return {
        "reply": draft.reply or None,
        "confidence": draft.confidence,
        "needs_human": draft.needs_human,
        "actions": draft.actions(),
        "agent": agent,
        "handled_by": agent,
        "language": case.language,
        "topic": draft.topic,
        "next_step": draft.steps[0].text if draft.steps else "",
    }
