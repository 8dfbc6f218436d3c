"""What a message does rather than asks: greets, thanks, presses, corrects, cancels. Pure.

It does not judge a fault, an order or a question: those are the agents' topics.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
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
    "money_dispute charged_again sarcasm arrived_faulty again_broken hurt_by_ours "
    "dissatisfied".split()
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Something that a message may do: its words say it, and nothing in its case speaks against."""

    name: str
    is_said: Callable[[str, Signals], bool]
    fits: Callable[[Case], bool] | None = None


def draft(case: Case) -> Draft | None:
    """None for a message that does nothing of this kind."""
    kinds = _kinds_of(case.text)
    name = next((one.name for one in kinds if one.fits is None or one.fits(case)), None)
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
    if not done or "whether" in _named(case.text):
        return False
    is_seen = any(_AS_I_SEE.search(word) for word in done)
    return is_seen or len(done) > 1 or "reproach" in _named(case.text)


def _known(drafted: Draft) -> tuple[str, ...]:
    known = {fact.name for fact in drafted.facts}
    return tuple(name for name in drafted.asks if name in known)


@cache
def _stems() -> Stems:
    return Stems((name, stems_in(stems)) for name, stems in table_of("talk")["stems"].items())


@lru_cache(_REMEMBERED)
def _named(text: str) -> frozenset[str]:
    return _stems().named(folded(text))


def _is_medium(*kinds: str) -> Callable[[str, Signals], bool]:
    names = {f"media_{kind}" for kind in kinds}
    return lambda _, signals: "media_only" in signals and signals.has_any(names)


def _is_place(text: str, _: Signals) -> bool:
    return bool(_PLACE.match(text))


def _is_lure(_: str, signals: Signals) -> bool:
    return "link" in signals and signals.has_any(_LURES) and not signals.has_any(_BLAMES)


def _presses_to_a_link(text: str, signals: Signals) -> bool:
    """`İptal için 30 dk içinde: http://…`, about nothing that a shop sells or repairs."""
    is_pressed = "link" in signals and "urgent" in signals and not signals.has_any(_BLAMES)
    return is_pressed and not names_something(text)


def _shows(name: str) -> Callable[[str, Signals], bool]:
    return lambda _, signals: name in signals


def _names(*names: str) -> Callable[[str, Signals], bool]:
    return lambda text, _: _named(text).issuperset(names)


def _is_judged(*categories: str) -> Callable[[Case], bool]:
    return lambda case: case.category in categories


def _is_not_judged(*categories: str) -> Callable[[Case], bool]:
    return lambda case: case.category not in categories


def _wrote_to_the_wrong_one(text: str, signals: Signals) -> bool:
    return "wrong_one" in _named(text) and "number" not in signals


def _needs_nothing_more(text: str, _: Signals) -> bool:
    return "settled" in _named(text) and not is_asking(text)


def _offers(text: str, signals: Signals) -> bool:
    """A supplier; but "fiyat listesi gönderir misiniz" wants to buy."""
    return "supplier" in signals and "send_me" not in _named(text)


def _may_call_off(text: str, _: Signals) -> bool:
    """An appointment: by its name, or by who cannot come."""
    named = _named(text)
    return "order" not in named and not named.isdisjoint(("cancel", "cannot_come"))


def _calls_off(case: Case) -> bool:
    named = _named(case.text)
    return (
        named.issuperset(("cancel", "appointment"))
        or named.issuperset(("cancel", "cannot_come"))
        or _was_arranged(case)
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


def _spoke_of_an_order(case: Case) -> bool:
    """Who takes the wish to cancel back does so before anybody has done anything."""
    return any("order" in _named(text) for text in (*case.chat.own, case.text))


def _is_late(text: str, signals: Signals) -> bool:
    is_own = not signals.has_any(("delivery", "order_status", "not_arrived"))
    return is_own and "late" in _named(text) and not is_asking(text)


def _changes_address(text: str, _: Signals) -> bool:
    is_told = "change" in _named(text) or not is_asking(text)
    return is_told and _named(text).issuperset(("changed", "address"))


def _asks_nothing(text: str, _: Signals) -> bool:
    return not is_asking(text)


def _corrects(case: Case) -> bool:
    return bool(corrected(case.said) or moved(case.said))


def _haggles(text: str, signals: Signals) -> bool:
    if "bargain" not in signals or signals.has_any(("fault", "fails")):
        return False
    return "number" in signals or "haggle" in _named(text)


def _is_polite(*names: str) -> Callable[[str, Signals], bool]:
    return lambda text, signals: signals.has_any(names) and _is_only_polite(text, signals)


def _is_only_polite(text: str, signals: Signals) -> bool:
    """Greeting, thanks and wishes, and nothing else."""
    words = folded(text)
    if len(words) > _MOST_POLITE_WORDS or is_asking(text):
        return False
    said = {
        word for name in _POLITE for shown in signals.found.get(name, ()) for word in folded(shown)
    }
    return all(word in said or word in _small_talk() or not word.isalnum() for word in words)


def _opens(text: str, _: Signals) -> bool:
    """`bi sorum olacaktı`: the question comes next."""
    opening = frozenset(table_of("talk")["words"]["opening"].split())
    words = folded(text)
    return (
        1 < len(words) <= _MOST_POLITE_WORDS
        and not opening.isdisjoint(words)
        and all(word in opening or word in _small_talk() for word in words)
    )


@cache
def _small_talk() -> frozenset[str]:
    return frozenset(table_of("talk")["words"]["small"].split())


def _gives_details(case: Case) -> bool:
    """Something that the shop has asked for."""
    if not case.offered or case.category in ("complaint", "technical"):
        return False
    named = {fact.name for fact in facts_in([case.text], case.offered)}
    return bool(case.asked_for & named)


def _is_wordless(text: str, signals: Signals) -> bool:
    """Only emoji and punctuation; an angry or pressing one still needs a person."""
    if "media_only" in signals:
        return False
    return "media_sticker" in signals or not any(map(str.isalnum, "".join(folded(text))))


# The first that matches decides.
_KINDS = (
    _Kind("spam", _is_lure),
    _Kind("spam", _presses_to_a_link, _is_judged("general")),
    _Kind("voice", _is_medium("voice")),
    _Kind("picture", _is_medium("image", "video")),
    _Kind("file", _is_medium("document", "contact")),
    _Kind("place", _is_place),
    _Kind("courier", _names("courier")),
    _Kind("supplier", _offers, _is_judged("general", "inquiry", "sales")),
    _Kind("applicant", _shows("job"), _is_judged("general")),
    _Kind("machine", _names("machine")),
    _Kind("order_kept", _names("keep"), _spoke_of_an_order),
    _Kind("order_cancelled", _names("cancel", "order")),
    _Kind("appointment_cancelled", _may_call_off, _calls_off),
    _Kind("late", _is_late),
    _Kind("address_changed", _changes_address),
    _Kind("callback", _shows("callback"), _is_not_judged("complaint", "technical")),
    _Kind("correction", _asks_nothing, _corrects),
    _Kind("mistaken", _wrote_to_the_wrong_one, _is_not_judged("complaint")),
    _Kind("settled", _needs_nothing_more, _is_not_judged("complaint")),
    _Kind("nothing", _is_wordless),
    _Kind("thanks", _is_polite("thanks")),
    _Kind("praise", _is_polite("praise")),
    _Kind("wish", _is_polite("celebration")),
    _Kind("nothing", _is_polite(*_UNSAID)),
    _Kind("greeting", _is_polite("greeting")),
    _Kind("greeting", _opens),
    _Kind("haggling", _haggles),
    _Kind("details", _asks_nothing, _gives_details),
)


@lru_cache(_REMEMBERED)
def _kinds_of(text: str) -> tuple[_Kind, ...]:
    """Those that its words say: in a burst each text is drafted again with the next."""
    signals = signals_of(text)
    return tuple(_up_to_the_first_sure(one for one in _KINDS if one.is_said(text, signals)))


def _up_to_the_first_sure(kinds: Iterator[_Kind]) -> Iterator[_Kind]:
    for one in kinds:
        yield one
        if one.fits is None:
            return
