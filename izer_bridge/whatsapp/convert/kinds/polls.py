"""Polls and quizzes with their options; votes are sealed, and read elsewhere."""

from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.domain.poll import BETWEEN_OPTIONS, hash_of
from izer_bridge.whatsapp.convert.kinds.content import Content, listed
from izer_bridge.whatsapp.library import bounds

_MOST_OPTIONS = 30


def poll(part: Any) -> Content:
    named = [(one.optionName, bounds.name(one.optionName)) for one in part.options[:_MOST_OPTIONS]]
    said = BETWEEN_OPTIONS.join(listed(one.optionName for one in part.options))
    text = f"{bounds.line(part.name)}: {said}".strip(": ") or "[anket]"
    return Content(Kind.POLL, text, options={hash_of(sent): shown for sent, shown in named})


def poll_result(part: Any) -> Content:
    votes = (f"{one.optionName} ({bounds.count(one.optionVoteCount)})" for one in part.pollVotes)
    said = BETWEEN_OPTIONS.join(listed(votes))
    return Content(Kind.POLL, f"[anket sonucu] {bounds.line(part.name)}: {said}".strip(": "))


def vote(part: Any) -> Content:
    """The chosen option is in a sealed part."""
    return Content(Kind.REACTION, "[anket oyu]", target_id=id_of(part.pollCreationMessageKey))


def new_option(part: Any) -> Content:
    named = bounds.name(part.addOption.optionName)
    said = f"[ankete seçenek eklendi] {named}".rstrip()
    return Content(Kind.REACTION, said, target_id=id_of(part.pollCreationMessageKey))


def id_of(key: Any) -> str | None:
    """The message that a key names."""
    return key.ID or None
