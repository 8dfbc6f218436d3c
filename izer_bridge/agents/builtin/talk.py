"""What a message does rather than asks: greets, thanks, presses, corrects, cancels. Pure.

It does not judge a fault, an order or a question: those are the agents' topics.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, lru_cache

from izer_bridge.agents.builtin.clauses import clauses_of, is_asking
from izer_bridge.agents.builtin.facts import Fact, corrected, facts_in, moved, when_in
from izer_bridge.agents.builtin.request import Case, folded, names_something
from izer_bridge.agents.builtin.topic import Draft, Stems, stems_in, table_of, topics_of
from izer_bridge.analysis.local.signals import Signals, signals_of

_PLACE = re.compile(r"^(?:-?\d{1,3}\.\d{3,},-?\d{1,3}\.\d{3,}|\[konum)")
_MOST_POLITE_WORDS = 8
_PRESSING = 5
_REMEMBERED = 1 << 10
# They acknowledge what was said, and ask for nothing.
_NOTING = ("correction", "details", "appointment_cancelled")
# Demiştiniz, çektiniz, göndermişsiniz.
_YOU_HAVE = re.compile(
    r"\w{2}(?:(?<!ken)(?<!soya)d|(?<=[cfhkps])t)[iu]n[iu]z$|\wm[iu]ss[iu]n[iu]z$"
)
_AS_I_SEE = re.compile(r"m[iu]ss[iu]n[iu]z$")
_POLITE = ("thanks", "celebration", "greeting", "farewell", "ack", "laughter", "praise")
_KIND_WORDS = {"thanks": "thanks", "praise": "praise", "celebration": "wish"}
_LURES = ("phishing", "bait", "advertising", "begging")
_UNSAID = ("farewell", "ack", "laughter")
_BLAMES = frozenset(
    "anger fraud broken_promise defective_delivery legal_threat exposure badly_served "  # noqa: SIM905
    "money_dispute sarcasm arrived_faulty again_broken hurt_by_ours "
    "dissatisfied".split()
)


def draft(case: Case) -> Draft | None:
    """None for a message that does nothing of this kind."""
    signals = signals_of(case.text)
    name = next((name for name, does in _KINDS if does(case, signals)), None)
    if name is None:
        return None
    facts = facts_in(case.said, case.offered)
    if name == "appointment_cancelled":
        facts = _at_another_time(case, facts)
    drafted = topics_of("talk").named(name).draft(case.language, facts)
    return drafted if name not in _NOTING else replace(drafted, asks=_known(drafted))


def courtesy(case: Case) -> Draft:
    """For what asks for nothing: a word for thanks, praise and wishes, else silence."""
    signals = signals_of(case.text)
    name = next((name for signal, name in _KIND_WORDS.items() if signal in signals), "nothing")
    return topics_of("talk").named(name).draft(case.language)


def pressed(case: Case) -> Draft | None:
    """For a customer who only asks whether somebody is there, or why nobody has answered."""
    signals = signals_of(case.text)
    if not signals.has_any(("nudge", "nobody_answers")) or signals.has_any(_BLAMES):
        return None
    topic = topics_of("talk").named("pressed")
    return topic.draft(case.language)


def details(case: Case) -> Draft:
    """For what the shop has asked for."""
    drafted = topics_of("talk").named("details").draft(case.language, facts_in(case.said))
    return replace(drafted, asks=_known(drafted))


def is_complaint(case: Case) -> bool:
    """By the analysis, or because its words blame the shop; a calm question needs such words."""
    signals = signals_of(case.text)
    if case.category == "complaint" and not (case.urgency < _PRESSING and is_asking(case.text)):
        return True
    if signals.has_any(_BLAMES):
        return True
    return _is_reproach(case) and not signals.has_any(("praise", "thanks"))


def _is_reproach(case: Case) -> bool:
    """`1450 demiştiniz 1800 çektiniz`: something the shop did or said, held against it.

    A customer who only states what was done ("tamir ettiniz") reproaches nobody.
    """
    done = [word for word in case.words if _YOU_HAVE.search(word)]
    if not done or _words("whether", case):
        return False
    is_seen = any(_AS_I_SEE.search(word) for word in done)
    return is_seen or len(done) > 1 or _words("reproach", case)


def _known(drafted: Draft) -> tuple[str, ...]:
    known = {fact.name for fact in drafted.facts}
    return tuple(name for name in drafted.asks if name in known)


def _words(kind: str, case: Case) -> bool:
    return kind in _named(case.text)


@cache
def _stems() -> Stems:
    return Stems((name, stems_in(stems)) for name, stems in table_of("talk")["stems"].items())


@lru_cache(_REMEMBERED)
def _named(text: str) -> frozenset[str]:
    return _stems().named(folded(text))


def _is_medium(*kinds: str) -> Callable[[Case, Signals], bool]:
    names = {f"media_{kind}" for kind in kinds}
    return lambda case, signals: "media_only" in signals and signals.has_any(names)


def _is_place(case: Case, signals: Signals) -> bool:
    return bool(_PLACE.match(case.text))


def _is_spam(case: Case, signals: Signals) -> bool:
    if "link" not in signals or signals.has_any(_BLAMES):
        return False
    # "İptal için 30 dk içinde: http://…", about nothing that a shop sells or repairs.
    is_pressed = case.category == "general" and "urgent" in signals
    return signals.has_any(_LURES) or (is_pressed and not names_something(case.text))


def _is_supplier(case: Case, signals: Signals) -> bool:
    return "supplier" in signals and case.category in ("general", "inquiry", "sales")


def _is_courier(case: Case, signals: Signals) -> bool:
    return _words("courier", case)


def _wrote_to_the_wrong_one(case: Case, signals: Signals) -> bool:
    return _words("wrong_one", case) and "number" not in signals and case.category != "complaint"


def _is_applicant(case: Case, signals: Signals) -> bool:
    return "job" in signals and case.category == "general"


def _asks_who_answers(case: Case, signals: Signals) -> bool:
    return _words("machine", case)


def _asks_for_a_call(case: Case, signals: Signals) -> bool:
    return "callback" in signals and case.category not in ("complaint", "technical")


def _calls_off(case: Case, signals: Signals) -> bool:
    """An appointment: by its name, or by who cannot come."""
    is_order = _words("order", case)
    is_cancelled = _words("cancel", case)
    return not is_order and (
        (is_cancelled and (_words("appointment", case) or _was_arranged(case)))
        or (_words("cannot_come", case) and (is_cancelled or _was_arranged(case)))
    )


def _at_another_time(case: Case, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The time asked for instead: none that is called off, and no day whose hours are asked."""
    kept = [
        one
        for one in clauses_of(case.text)
        if "hours" not in signals_of(one) and not _named(one) & {"cannot_come", "cancel"}
    ]
    times = (Fact("when", when) for when in map(when_in, kept) if when)
    return (*(fact for fact in facts if fact.name != "when"), *times)


def _was_arranged(case: Case) -> bool:
    shops = [turn.text for turn in case.chat.said if turn.is_shop]
    return any("arranged" in _named(text) for text in shops)


def _keeps_order(case: Case, signals: Signals) -> bool:
    """Who takes the wish to cancel back, before anybody has done anything."""
    spoke_of_it = (*case.chat.own, case.text)
    return _words("keep", case) and any("order" in _named(text) for text in spoke_of_it)


def _cancels_order(case: Case, signals: Signals) -> bool:
    return _words("cancel", case) and _words("order", case)


def _is_late(case: Case, signals: Signals) -> bool:
    is_own = not signals.has_any(("delivery", "order_status", "not_arrived"))
    return is_own and _words("late", case) and not is_asking(case.text)


def _changes_address(case: Case, signals: Signals) -> bool:
    is_told = _words("change", case) or not is_asking(case.text)
    return is_told and _words("changed", case) and _words("address", case)


def _corrects(case: Case, signals: Signals) -> bool:
    return bool(corrected(case.said) or moved(case.said)) and not is_asking(case.text)


def _haggles(case: Case, signals: Signals) -> bool:
    if "bargain" not in signals or signals.has_any(("fault", "fails")):
        return False
    return "number" in signals or _words("haggle", case)


def _is_polite(*names: str) -> Callable[[Case, Signals], bool]:
    def does(case: Case, signals: Signals) -> bool:
        return signals.has_any(names) and _is_only_polite(case, signals)

    return does


def _is_only_polite(case: Case, signals: Signals) -> bool:
    """Greeting, thanks and wishes, and nothing else."""
    words = case.words
    if len(words) > _MOST_POLITE_WORDS or is_asking(case.text):
        return False
    said = {
        word for name in _POLITE for text in signals.found.get(name, ()) for word in folded(text)
    }
    return all(word in said or word in _small_talk() or not word.isalnum() for word in words)


def _opens(case: Case, signals: Signals) -> bool:
    """`bi sorum olacaktı`: the question comes next."""
    opening = frozenset(table_of("talk")["words"]["opening"].split())
    words = case.words
    return (
        1 < len(words) <= _MOST_POLITE_WORDS
        and not opening.isdisjoint(words)
        and all(word in opening or word in _small_talk() for word in words)
    )


@cache
def _small_talk() -> frozenset[str]:
    return frozenset(table_of("talk")["words"]["small"].split())


def _gives_details(case: Case, signals: Signals) -> bool:
    """Something that the shop has asked for, and no question."""
    if not case.offered or is_asking(case.text) or case.category in ("complaint", "technical"):
        return False
    named = {fact.name for fact in facts_in([case.text], case.offered)}
    return bool(case.asked_for & named)


def _is_wordless(case: Case, signals: Signals) -> bool:
    """Only emoji and punctuation; an angry or pressing one still needs a person."""
    if "media_only" in signals:
        return False
    return "media_sticker" in signals or not any(map(str.isalnum, "".join(case.words)))


# The first that matches decides.
_KINDS: tuple[tuple[str, Callable[[Case, Signals], bool]], ...] = (
    ("spam", _is_spam),
    ("voice", _is_medium("voice")),
    ("picture", _is_medium("image", "video")),
    ("file", _is_medium("document", "contact")),
    ("place", _is_place),
    ("courier", _is_courier),
    ("supplier", _is_supplier),
    ("applicant", _is_applicant),
    ("machine", _asks_who_answers),
    ("order_kept", _keeps_order),
    ("order_cancelled", _cancels_order),
    ("appointment_cancelled", _calls_off),
    ("late", _is_late),
    ("address_changed", _changes_address),
    ("callback", _asks_for_a_call),
    ("correction", _corrects),
    ("mistaken", _wrote_to_the_wrong_one),
    ("nothing", _is_wordless),
    ("thanks", _is_polite("thanks")),
    ("praise", _is_polite("praise")),
    ("wish", _is_polite("celebration")),
    ("nothing", _is_polite(*_UNSAID)),
    ("greeting", _is_polite("greeting")),
    ("greeting", _opens),
    ("haggling", _haggles),
    ("details", _gives_details),
)
