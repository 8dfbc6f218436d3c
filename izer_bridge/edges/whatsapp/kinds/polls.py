"""Polls and quizzes with their options; what was voted is sealed, and read elsewhere."""

from typing import Any

from izer_bridge.edges.whatsapp import bounds
from izer_bridge.edges.whatsapp.kinds.content import Content, listed
from izer_bridge.model.message import Kind
from izer_bridge.model.poll import BETWEEN_OPTIONS


def poll(part: Any) -> Content:
    options = BETWEEN_OPTIONS.join(listed(option.optionName for option in part.options))
    return Content(Kind.POLL, f"{bounds.line(part.name)}: {options}".strip(": ") or "[anket]")


def poll_result(part: Any) -> Content:
    votes = (f"{one.optionName} ({bounds.count(one.optionVoteCount)})" for one in part.pollVotes)
    said = BETWEEN_OPTIONS.join(listed(votes))
    return Content(Kind.POLL, f"[anket sonucu] {bounds.line(part.name)}: {said}".strip(": "))


def vote(part: Any) -> Content:
    """Which option it names stands in a sealed part."""
    return Content(Kind.REACTION, "[anket oyu]", target_id=id_of(part.pollCreationMessageKey))


def new_option(part: Any) -> Content:
    named = bounds.name(part.addOption.optionName)
    said = f"[ankete seçenek eklendi] {named}".rstrip()
    return Content(Kind.REACTION, said, target_id=id_of(part.pollCreationMessageKey))


def id_of(key: Any) -> str | None:
    """The message that a key names."""
    return key.ID or None
