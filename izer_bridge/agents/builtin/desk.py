"""One answer to all that a customer waits for: each message's parts in their order, joined.

It decides nothing about safety words, which `response` puts before whatever is drafted here.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

from izer_bridge.agents.builtin import (
    business_workflow,
    code_debugger,
    danger,
    general_purpose,
    talk,
)
from izer_bridge.agents.builtin.announced import said_in
from izer_bridge.agents.builtin.clauses import is_asking
from izer_bridge.agents.builtin.complete import completed
from izer_bridge.agents.builtin.join_drafts import MOST_ASKED, joined
from izer_bridge.agents.builtin.knowledge import Knowledge, tokens
from izer_bridge.agents.builtin.request import (
    Case,
    Turn,
    folded,
    is_failing,
    names_something,
)
from izer_bridge.agents.builtin.topic import Draft, Weight, topics_of

# By which fields' words a message is understood, the agent's own first.
_FIELDS = {
    "business_workflow": (business_workflow, general_purpose, code_debugger),
    "code_debugger": (code_debugger, business_workflow, general_purpose),
    "general_purpose": (general_purpose, business_workflow, code_debugger),
}
# What of these is asked beside an answer from the shop's files, they have answered.
_ANSWERED = ("price", "hours", "stock", "stock_of")
# What is told is asked for: "haftaya gelsem".
_WISHES = ("visit", "appointment", "purchase")
_PIECES_BEFORE = 2
_OF_A_NUMBER = ("siparis", "no", "numara", "order", "number", "bestell", "nummer")
# What they ask is no customer's question.
_OF_OTHERS = ("supplier", "applicant")
# A short answer to what the shop has offered may look like these.
_ALSO_TO_OFFERS = ("details", "haggling")


def drafted(name: str, case: Case, knowledge: Knowledge) -> Draft:
    """For all that waits, each by the agent that it went to; where nothing is asked, a courtesy or
    silence.
    """
    parts, unread = _heard(name, case, knowledge)
    # Of the rest, oldest first, only danger is told of.
    rest = (said_in(turn.text) for turn in reversed(unread))
    told_before = chain.from_iterable(map(danger.told_in, rest))
    return completed(joined(_told(parts), told_before), case)


def _heard(name: str, case: Case, knowledge: Knowledge) -> tuple[Sequence[Draft], Sequence[Turn]]:
    """The answers to what waits, oldest first, or the latest courtesy; and what was left unread."""
    before = case.open_before
    asked: list[Draft] = []
    courtesies: list[Draft] = []
    numbers: list[Draft] = []
    place, left, is_begun = 0, 0, False
    waiting = enumerate(case.waiting())
    for place, one in waiting:
        parts = parts_of(one.agent if one.agent in _FIELDS else name, one, knowledge)
        courtesies += [part for part in parts if part.weight is Weight.COURTESY]
        own = [part for part in parts if part.weight is not Weight.COURTESY]
        if is_begun:
            own = [part for part in own if part.weight is Weight.CALLED]
        together = _with_what_is_before(one, before[place:], own, knowledge)
        is_begun, own = bool(together), together or own
        if _is_only_number(one.text) and one.category != "complaint":
            numbers[:0], own = own, []
        if parts[0].topic == "mistaken":
            # It takes the message before it back.
            next(waiting, None)
        if parts[0].topic == "settled":
            break
        asked[:0] = own
        left += bool(own)
        # What was asked before these is a person's, unless the shop's files know it.
        if left > MOST_ASKED and not knowledge.sections:
            break
    if numbers and asked:
        asked[-1] = replace(asked[-1], asks=(*asked[-1].asks, "order_number"))
    return asked or numbers or courtesies[:1], before[place:]


def _with_what_is_before(
    case: Case, before: Sequence[Turn], own: Sequence[Draft], knowledge: Knowledge
) -> list[Draft]:
    """What the shop's files know of a question that an earlier message begins: "Test", "sürüşü
    yapabilir miyim?"; "lastiğim patladı", "kaça değiştiriyorsunuz"; empty where none does.
    """
    if not (own and before and knowledge.sections and is_asking(case.text)):
        return []
    if any(part.sources or part.topic in _dangers() for part in own):
        return []
    pieces = case.text
    for turn in before[:_PIECES_BEFORE]:
        pieces = f"{said_in(turn.text)} {pieces}"
        if found := general_purpose.known_whole(case.saying(pieces), knowledge):
            beside = [one for one in own if one.topic not in _ANSWERED]
            return [found, *(one for one in beside if one.weight is Weight.CALLED)]
    return []


def _is_only_number(text: str) -> bool:
    """An order's number, which is noted with what was asked about the order."""
    words = [word for word in folded(text) if not word.startswith(_OF_A_NUMBER)]
    return len(words) == 1 and words[0].isdigit() and len(words[0]) > 2


def _told(parts: Sequence[Draft]) -> Sequence[Draft]:
    """Without what was only guessed, where anything was understood; a person reads it then."""
    is_danger = any(part.topic in _dangers() for part in parts)
    least = Weight.CALLED if is_danger else Weight.ASKED
    kept = [part for part in parts if part.weight >= least]
    told = _first_sorry(_telling(kept))
    if not told:
        return parts
    if len(kept) == len(parts):
        return told
    return [*told[:-1], replace(told[-1], needs_human=True)]


def _telling(parts: Sequence[Draft]) -> Sequence[Draft]:
    """Danger first, and without what says nothing beside the others: a person reads all of it.

    That a message has come; and that an order is cancelled, where that was taken back.
    """
    parts = sorted(parts, key=lambda part: part.topic not in _dangers())
    is_kept = any(part.topic == "order_kept" for part in parts)
    is_persons = any(part.needs_human and not _says_nothing_more(part) for part in parts)
    return [
        part
        for part in parts
        if not (is_kept and part.topic == "order_cancelled")
        and not (is_persons and _says_nothing_more(part))
    ]


def _says_nothing_more(part: Draft) -> bool:
    """Than that the message has come, and that a person answers it."""
    return part.topic == "other" and "?" not in part.reply


def _first_sorry(parts: Sequence[Draft]) -> list[Draft]:
    """Who has had to ask again is told so once, before what was asked."""
    others = [part for part in parts if part.topic != "pressed"]
    pressed = [part for part in parts if part.topic == "pressed"][-1:]
    if not pressed or not others:
        return [*pressed, *others]
    sentence = pressed[0].reply.split(". ")[0].rstrip(".") + "."
    return [replace(pressed[0], reply=sentence), *others]


@cache
def _dangers() -> frozenset[str]:
    return frozenset(topic.name for topic in topics_of("danger").each)


def parts_of(name: str, case: Case, knowledge: Knowledge) -> list[Draft]:
    """What one message is answered, in the order in which it asks."""
    if endangered := danger.draft(case):
        beside = [*_known(case, knowledge)[0], *business_workflow.visit(case)]
        return [endangered, *_apology(case), *beside]
    said = talk.draft(case)
    if said is None or said.weight is Weight.COURTESY or said.topic in _ALSO_TO_OFFERS:
        said = business_workflow.answer_to_offer(case) or said
    if said is not None:
        known = () if said.topic in _OF_OTHERS else _known(case, knowledge)[0]
        return [*(() if said.weight is Weight.COURTESY else _apology(case)), said, *known]
    if not (case.is_to_answer or _asks_all_the_same(name, case)):
        return [talk.courtesy(case)]
    if (pressed := talk.pressed(case)) and not _by_words(name, case):
        return [pressed]
    if talk.is_complaint(case):
        return [business_workflow.complaint(case)]
    return _answers(name, case, knowledge)


def _apology(case: Case) -> list[Draft]:
    return [business_workflow.sorry(case)] if talk.is_complaint(case) else []


def _known(case: Case, knowledge: Knowledge) -> tuple[tuple[Draft, ...], str]:
    """The shop's own answers beside something else, and what they do not answer."""
    return general_purpose.known(case, knowledge) if is_asking(case.text) else ((), case.text)


def _asks_all_the_same(name: str, case: Case) -> bool:
    """Whether words ask for something where a message was judged to ask for nothing."""
    if is_asking(case.text) or talk.is_complaint(case):
        return True
    return any(part.topic in _WISHES for part in _by_words(name, case))


def _answers(name: str, case: Case, knowledge: Knowledge) -> list[Draft]:
    if business_workflow.is_request(case):
        # Who requests an appointment is not told how to get one.
        others = case.saying(business_workflow.beside_request(case.text))
        return [*_called_or_guessed(name, case), *_known(others, knowledge)[0]]
    found, rest = general_purpose.known(case, knowledge)
    if not found:
        return _called_or_guessed(name, case)
    left = tokens(rest)
    beside = _beside(name, case.saying(rest)) if left else business_workflow.visit(case)
    return [
        *(replace(one, needs_human=len(left) > 1 or bool(beside)) for one in found),
        *(one for one in beside if one.topic not in _ANSWERED),
    ]


def _called_or_guessed(name: str, case: Case) -> list[Draft]:
    return _by_words(name, case) or [_by_category(name, case)]


def _beside(name: str, case: Case) -> list[Draft]:
    """What is done or asked in the words that the shop's files do not answer."""
    said = talk.draft(case)
    if said is None or said.weight is Weight.COURTESY:
        return _by_words(name, case)
    return [said]


def _by_words(name: str, case: Case) -> list[Draft]:
    """By the first field that understands it; two topics are looked past."""
    drafts = (draft for field in _FIELDS[name] if (draft := field.by_words(case)))
    first = next(drafts, None)
    if first is None:
        return []
    if first.topic == "payment" and is_failing(case.text):
        # Paying at a page that fails is a fault of the page.
        return [next((one for one in drafts if one.topic in code_debugger.SYSTEM_TOPICS), first)]
    if first.topic == "visit":
        # Who brings a bicycle also says what is wrong with it.
        return [*[one for one in drafts if one.topic not in _ANSWERED][:1], first]
    return [first]


def _by_category(name: str, case: Case) -> Draft:
    """The words have called for nothing."""
    if "?" in case.offered and not is_asking(case.text):
        return talk.details(case)
    if case.category in ("sales", "technical"):
        guessed = business_workflow.by_category(case)
    else:
        guessed = _FIELDS[name][0].other(case)
    if is_asking(case.text) or names_something(case.text):
        return replace(guessed, weight=Weight.ASKED)
    return replace(guessed, weight=Weight.GUESSED if tokens(case.text) else Weight.COURTESY)
