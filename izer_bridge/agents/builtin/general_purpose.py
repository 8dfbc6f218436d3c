"""General questions, answered from what the shop has written; the rest is said to be unknown."""

import re
from dataclasses import replace

from izer_bridge.agents.builtin.clauses import MOST_CLAUSES, clauses_of, is_asking, is_report
from izer_bridge.agents.builtin.facts import Fact, facts_in
from izer_bridge.agents.builtin.knowledge import Knowledge, Section, tokens
from izer_bridge.agents.builtin.request import Case, mentions, names_something
from izer_bridge.agents.builtin.topic import Draft, stems_in, topics_of
from izer_bridge.analysis.local.signals import signals_of

_LONGEST_SPAN = 3
_ONLY_PRICE = frozenset({"c:price"})
_PAID_BACK = stems_in("iade refund erstatt ruckerstatt")
# No section says why: "telefonunuz neden açılmıyor" asks for no number.
_WHY = frozenset({"neden", "niye", "nicin", "why", "warum"})
_SUBJECTS = ("price_of", "product")
# What stands between things whose prices are asked together.
_AND = re.compile(r"\s*(?:[+&,;]|\b(?:ve|ile|art[ıi]|and|und|plus)\b)\s*", re.IGNORECASE)


def by_words(case: Case) -> Draft | None:
    """By what the message's words ask for; a price question that names its object is left out."""
    topic = topics_of("general").called_by(case.text)
    # "İade param ne kadar, kaç günde yatar": what is paid back is no price.
    if topic is None or (topic.name == "price" and mentions(case.words, _PAID_BACK)):
        return None
    drafted = topic.draft(case.language, (*facts_in(case.said, case.offered), *_quoted(case)))
    if "part" in signals_of(case.text):
        drafted = replace(drafted, asks=tuple(one for one in drafted.asks if one != "size"))
    if not names_something(case.meant) and set(tokens(case.meant)) <= _ONLY_PRICE:
        return drafted
    return replace(drafted, asks=tuple(one for one in drafted.asks if one not in _SUBJECTS))


def other(case: Case) -> Draft:
    return topics_of("general").named("other").draft(case.language, _quoted(case))


def known(case: Case, knowledge: Knowledge) -> tuple[tuple[Draft, ...], str]:
    """The shop's own answers to a message, and the clauses that they do not answer."""
    if not knowledge.sections or not _WHY.isdisjoint(case.words):
        return (), case.text
    whole = section(case, knowledge)
    if whole is None and (each := _each_price(case.text, knowledge)):
        return (_in_its_words(case, each),), ""
    is_in_parts = is_asking(case.text) and knowledge.speaks_of(case.text)
    clauses = clauses_of(case.text) if is_in_parts else ()
    if len(clauses) < 2:
        drafts = () if whole is None else (_in_its_words(case, (whole,)),)
        return drafts, "" if drafts else case.text
    found, rest = _by_clauses(clauses, knowledge)
    if whole is not None and whole not in found:
        found, rest = [whole], []
    drafts = (_in_its_words(case, tuple(found)),) if found else ()
    return drafts, ". ".join(rest)


def _each_price(text: str, knowledge: Knowledge) -> tuple[Section, ...]:
    """The section of each thing whose price is asked ("20 jant + kask ne kadar"); empty unless all
    of them are known.
    """
    things = _AND.split(text) if "c:price" in tokens(text) else []
    found = [knowledge.find(f"{one} fiyatı") for one in things[:MOST_CLAUSES]]
    known = tuple(dict.fromkeys(one for one in found if one is not None))
    return known if len(things) > 1 and all(found) else ()


def _by_clauses(clauses: tuple[str, ...], knowledge: Knowledge) -> tuple[list[Section], list[str]]:
    """The sections that answer some of the clauses, and the clauses that none answers."""
    found: list[Section] = []
    rest: list[str] = []
    place = 0
    while place < len(clauses):
        size, answering = _span(clauses[place:], knowledge)
        if answering is None:
            rest.append(clauses[place])
        elif answering not in found:
            found.append(answering)
        place += size
    return found, rest


def _span(clauses: tuple[str, ...], knowledge: Knowledge) -> tuple[int, Section | None]:
    """How many of the first clauses one section answers together; one if none does."""
    asking = [is_asking(one) for one in clauses[:_LONGEST_SPAN]]
    for size in range(len(asking), 0, -1):
        if any(asking[:size]) and (found := knowledge.find(" ".join(clauses[:size]))):
            return size, found
    return 1, None


def known_whole(case: Case, knowledge: Knowledge) -> Draft | None:
    """The shop's own answer to the message as one question."""
    found = section(case, knowledge)
    return None if found is None else _in_its_words(case, (found,))


def section(case: Case, knowledge: Knowledge) -> Section | None:
    """The section that answers the message, or the message it refers to.

    Who reports what has happened ("lastiğim patladı") asks for nothing by that.
    """
    if is_report(case.text):
        return None
    found = knowledge.find(case.text)
    return found if found or case.meant == case.text else knowledge.find(case.meant)


def _in_its_words(case: Case, sections: tuple[Section, ...]) -> Draft:
    drafted = topics_of("general").named("known").draft(case.language)
    return replace(
        drafted,
        reply=drafted.reply.format("\n".join(one.answer for one in sections)),
        sources=tuple(one.whole for one in sections),
        is_fixed=len(sections) > 1,
    )


def unknown(case: Case) -> Draft:
    """An acknowledgement, and that a person will answer."""
    return topics_of("general").named("other").draft(case.language)


def _quoted(case: Case) -> tuple[Fact, ...]:
    """For the shop's people: what the customer refers to."""
    return () if case.quoted is None else (Fact("quoted", case.quoted.text),)
