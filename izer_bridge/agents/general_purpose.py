"""General questions, from what the shop has written down; the rest is said to be unknown."""

from collections.abc import Sequence
from dataclasses import replace

from izer_bridge.agents.case import Case
from izer_bridge.agents.knowledge import Section, find
from izer_bridge.agents.topic import Draft, topics_of


def draft(case: Case, knowledge: Sequence[Section] = ()) -> Draft:
    """The section that answers, in its own words; else that nothing confirmed is known."""
    topics = topics_of("general")
    topic = topics.of(case)
    found = find(case.text, knowledge)
    sources = tuple(_source(section) for section in found.related)
    if not found.is_sure or topic.is_fixed:
        return replace(topic.draft(case.language), sources=sources)
    known = topics.named("known").draft(case.language)
    best = found.related[0]
    return replace(known, reply=known.reply.format(best.answer), sources=sources)


def _source(section: Section) -> str:
    return f"{' / '.join(section.questions)}\n{section.answer}"


def unknown(case: Case) -> Draft:
    """That the message has arrived and nothing confirmed is known."""
    return topics_of("general").named("other").draft(case.language)
