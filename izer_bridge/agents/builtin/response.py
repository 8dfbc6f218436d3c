"""Turns a draft into an answer on `/process`; a danger warning comes first, whoever drafted."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, table_of
from izer_bridge.agents.safety_words import fixed_texts, led, warning
from izer_bridge.domain.danger import Danger

_BETWEEN = re.compile(r"((?<=[.!?…]) |\n)")
_TEXTS = ("asks", "business", "danger", "ebike", "general", "talk", "technical")


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


def taken_apart(reply: str) -> Iterator[tuple[str, str]]:
    """Its sentences in their order, each after what stands before it: nothing, a space, a line."""
    first, *rest = _BETWEEN.split(reply)
    yield "", first
    yield from zip(rest[::2], rest[1::2], strict=True)


def is_own(sentence: str) -> bool:
    """Whether the agents' texts say it, word for word."""
    return sentence in _own()


@cache
def _own() -> frozenset[str]:
    tables = [*map(table_of, _TEXTS), fixed_texts()]
    texts = (text for table in tables for text in _said(table))
    return frozenset(one for text in texts for _, one in taken_apart(text) if one)


def _said(value: Any, name: str = "") -> Iterator[str]:
    """Whatever stands under the two letters of a language."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _said(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    elif isinstance(value, str) and len(name) == 2:
        yield value
