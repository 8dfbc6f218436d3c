"""What is drafted for a message that speaks of danger, whichever agent is asked.

The words about safety themselves are put before the finished answer (`answer`), so that nothing
that words, joins or replaces drafts can touch them.
"""

from izer_bridge.agents.builtin.facts import facts_in
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, topics_of
from izer_bridge.domain.danger import Danger


def draft(case: Case) -> Draft | None:
    """None for a message that speaks of none."""
    topic = topics_of("danger").first(case)
    if topic is None:
        return None
    return topic.draft(case.language, facts_in(case.said, case.offered))


def told_in(text: str) -> tuple[Danger, ...]:
    """Those that the topic of a message is in itself, though nobody names them."""
    topic = topics_of("danger").first_of(text)
    return () if topic is None else topic.tells
