"""Drafts for a message that mentions danger, whichever agent is asked.

The safety warning itself is put before the finished answer (`answer`), so that nothing that words,
joins or replaces drafts can touch it.
"""

from izer_bridge.agents.builtin.facts import facts_in
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, topics_of
from izer_bridge.domain.danger import Danger


def draft(case: Case) -> Draft | None:
    """None for a message that mentions none."""
    topic = topics_of("danger").first(case)
    if topic is None:
        return None
    return topic.draft(case.language, facts_in(case.said, case.offered))


def told_in(text: str) -> tuple[Danger, ...]:
    """Dangers that a message's topic is in itself, though nobody names them."""
    topic = topics_of("danger").first_of(text)
    return () if topic is None else topic.tells
