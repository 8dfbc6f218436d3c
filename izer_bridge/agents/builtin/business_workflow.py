"""Orders, deliveries, appointments, complaints and faults: what the shop does next."""

import re
from dataclasses import replace

from izer_bridge.agents.builtin.clauses import clauses_of, is_report
from izer_bridge.agents.builtin.facts import Fact, consents, facts_in, when_in
from izer_bridge.agents.builtin.request import Case, folded, mentions, names_something
from izer_bridge.agents.builtin.topic import (
    Draft,
    Weight,
    in_language,
    stems_in,
    table_of,
    topics_of,
)
from izer_bridge.analysis.local.signals import signals_of

_LONGEST_OFFER = 160
# Possible subjects of a complaint, mentioned after the apology.
_ABOUT = frozenset({"warranty", "return", "payment", "delivery", "order", "ready"})
_REASONS = stems_in(
    "kucuk buyuk dar bol uyma olmadi begenme vazgec bozuk hasar kirik cizik yanlis kusur defolu "
    "too+small too+big too+large fit broken damaged wrong zu+klein zu+gross kaputt falsch passt"
)
# What the shop does at a time of its own, to which nobody need agree.
_SHOPS_OWN = stems_in(
    "siparis kargo kurye teslim gonder fatura hazir order parcel ship deliver invoice ready "
    "bestell paket versand versend liefer rechnung fertig"
)
# Who asks whether the shop is open then plans nothing yet.
_IF_OPEN = re.compile(
    r"\b(?:gel|getir|ugra|birak)s[ae][mk]\b.{0,12}\b(?:acik|kapali)"
    r"|\bif (?:i|we) (?:come|came|bring)\b.*\bopen|\bwenn (?:ich|wir)\b.*\b(?:offen|auf|geoffnet)\b"
)
_WHETHER = stems_in("gerek lazim sart zorunlu almali need necessary notig muss brauch")


def by_words(case: Case) -> Draft | None:
    """By the words of the message."""
    topic = topics_of("business").called_by(case.text)
    if topic is None or (topic.name == "visit" and _asks_whether_open(case)):
        return None
    drafted = _without_named(topic.draft(case.language, facts_of(case)), case)
    if "reason" in drafted.asks and mentions(case.words, _REASONS):
        return replace(drafted, asks=tuple(one for one in drafted.asks if one != "reason"))
    return drafted


def visit(case: Case) -> list[Draft]:
    """A customer's plan to come at a stated time."""
    topic = topics_of("business").named("visit")
    if not (topic.calls(case.text) and when_in(case.text)) or _asks_whether_open(case):
        return []
    return [topic.draft(case.language, facts_of(case))]


def _asks_whether_open(case: Case) -> bool:
    return bool(_IF_OPEN.search(" ".join(folded(case.whole or case.text))))


def by_category(case: Case) -> Draft:
    """By category: something is sold or broken, though no word says what."""
    topic = topics_of("business").of(case)
    drafted = topic.draft(case.language, facts_of(case), Weight.GUESSED)
    return _without_named(drafted, case)


def _without_named(draft: Draft, case: Case) -> Draft:
    """Who has named what he wants to buy ("kask almak istiyorum") is not asked for it."""
    is_noted = any(fact.name == "model" for fact in draft.facts)
    if is_noted or not names_something(case.text):
        return draft
    return replace(draft, asks=tuple(one for one in draft.asks if one != "product"))


def other(case: Case) -> Draft:
    return topics_of("business").named("other").draft(case.language, facts_of(case))


def complaint(case: Case) -> Draft:
    """An apology and a person, and then the subject of the complaint."""
    topics = topics_of("business")
    apology = topics.named("complaint")
    drafted = replace(apology.draft(case.language, facts_of(case)), asks=())
    about = next((one for one in topics.each if one.name in _ABOUT and one.calls(case.text)), None)
    is_ordered = signals_of(case.text).has_any(
        ("delivery", "order_status", "defective_delivery", "not_arrived")
    )
    if about is None:
        return replace(drafted, asks=("order_number",) if is_ordered else ())
    return replace(
        drafted,
        reply=f"{_opening(drafted.reply)} {in_language(about.reply, case.language)}",
        steps=(*drafted.steps, *about.steps),
        asks=tuple(one for one in about.asks if one == "order_number"),
    )


def sorry(case: Case) -> Draft:
    """The apology alone, beside what is answered for another reason."""
    drafted = topics_of("business").named("complaint").draft(case.language, facts_of(case))
    return replace(drafted, reply=_opening(drafted.reply), asks=())


def _opening(reply: str) -> str:
    return reply.split(". ")[0].rstrip(".") + "."


def is_request(case: Case) -> bool:
    """Whether an appointment is requested, rather than how to get one."""
    asks = "booking" in signals_of(case.text) and case.category != "inquiry"
    return asks and not mentions(case.words, _WHETHER)


def beside_request(text: str) -> str:
    """What is said beside the request for an appointment."""
    return ". ".join(one for one in clauses_of(text) if "booking" not in signals_of(one))


def answer_to_offer(case: Case) -> Draft | None:
    """A short yes or no to what the shop wrote last; None if it is not one."""
    name = _answer_to_offer(case)
    if not name:
        return None
    own, offered = when_in(case.text), _offered_time(case)
    when = own if own and name == "appointment_declined" else offered
    agreed = [Fact("when", when)] if when and name != "accepted" else []
    others = [fact for fact in facts_of(case) if fact.name != "when"]
    drafted = topics_of("business").named(name).draft(case.language, (*others, *agreed))
    if name != "appointment_declined":
        return drafted
    question = table_of("asks")["when"]["ask"].get(case.language, "")
    if own or not question:
        return replace(drafted, asks=("when",) if own else ())
    return replace(drafted, reply=f"{drafted.reply} {question}")


def facts_of(case: Case) -> tuple[Fact, ...]:
    """The customer's facts; "I'll take this one" names the shop's message that it quotes."""
    facts = facts_in(case.said, case.offered)
    quoted = case.quoted
    if quoted is None or not quoted.is_offer:
        return facts
    if "?" in quoted.text or len(quoted.text) > _LONGEST_OFFER:
        return facts
    others = (fact for fact in facts if fact.name != "model")
    return (*others, Fact("model", " ".join(quoted.text.split())))


def _answer_to_offer(case: Case) -> str:
    """The topic of a short yes or no to what the shop wrote last; empty if it is not one."""
    said = consents(case.words) if case.offered else None
    if said is None or case.category == "complaint" or names_something(case.text):
        return ""
    if not _offered_time(case):
        return "accepted" if said and "?" in case.offered else ""
    return "appointment_accepted" if said else "appointment_declined"


def _offered_time(case: Case) -> str:
    """None in "bugün kargoya verdik", nor in "siparişiniz cuma elinizde olur"."""
    if is_report(case.offered):
        return ""
    timed = [clause for clause in clauses_of(case.offered) if when_in(clause)]
    is_shops_own = all(mentions(folded(one), _SHOPS_OWN) for one in timed)
    return "" if is_shops_own else when_in(case.offered)
