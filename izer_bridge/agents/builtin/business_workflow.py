"""Orders, deliveries, appointments, complaints and faults: what the shop does next."""

from izer_bridge.agents.builtin import ebike
from izer_bridge.agents.builtin.facts import Fact, consents, facts_in, when_in
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, topics_of

_FAULT = "fault"
_LONGEST_OFFER = 160


def draft(case: Case) -> Draft:
    """By what the message is about; an answer to the shop's own offer is taken as one."""
    topics = topics_of("business")
    facts = _facts(case)
    topic = topics.of(case)
    if topic.name == _FAULT and (known := ebike.draft(case)):
        return known
    if answered := _answer_to_offer(case):
        when = when_in(case.offered)
        agreed = [Fact("when", when)] if when and answered != "accepted" else []
        others = [fact for fact in facts if fact.name != "when"]
        topic, facts = topics.named(answered), (*others, *agreed)
    return topic.draft(case.language, facts)


def _facts(case: Case) -> tuple[Fact, ...]:
    """What the customer has said; "I take this one" names what it quotes of the shop's."""
    facts = facts_in(case.said, case.offered)
    quoted = case.quoted
    if quoted is None or not quoted.is_offer:
        return facts
    if "?" in quoted.text or len(quoted.text) > _LONGEST_OFFER:
        return facts
    others = (fact for fact in facts if fact.name != "model")
    return (*others, Fact("model", " ".join(quoted.text.split())))


def _answer_to_offer(case: Case) -> str:
    """The topic of a short yes or no to what the shop wrote last; empty when it is none."""
    said = consents(case.words) if case.offered else None
    if said is None or case.category == "complaint":
        return ""
    if not when_in(case.offered):
        return "accepted" if said and "?" in case.offered else ""
    return "appointment_accepted" if said else "appointment_declined"
