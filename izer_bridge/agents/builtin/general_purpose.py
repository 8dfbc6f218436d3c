"""General questions, from what the shop has written down; the rest is said to be unknown."""

from dataclasses import replace

from izer_bridge.agents.builtin.facts import Fact
from izer_bridge.agents.builtin.knowledge import NOTHING, Knowledge, Section
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, topics_of


def draft(case: Case, knowledge: Knowledge = NOTHING) -> Draft:
    """The section that answers, in its own words; else that nothing confirmed is known."""
    topics = topics_of("general")
    topic = topics.of(case)
    found = None if topic.is_fixed else section(case, knowledge)
    if found is None:
        return topic.draft(case.language, _quoted(case))
    known = topics.named("known").draft(case.language)
    return replace(known, reply=known.reply.format(found.answer), sources=(found.whole,))


def section(case: Case, knowledge: Knowledge) -> Section | None:
    """The one that answers the message, or what it points at."""
    return knowledge.find(case.text) or knowledge.find(case.meant)


def _quoted(case: Case) -> tuple[Fact, ...]:
    """For the shop's people: what the customer speaks of."""
    return () if case.quoted is None else (Fact("quoted", case.quoted.text),)


def unknown(case: Case) -> Draft:
    """That the message has arrived and nothing confirmed is known."""
    return topics_of("general").named("other").draft(case.language)
