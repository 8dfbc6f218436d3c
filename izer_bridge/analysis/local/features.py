"""A message's features as named numbers for the learnt weights. It assigns no weight."""

from collections.abc import Iterable, Iterator

from izer_bridge.analysis.local.context import FEW_WORDS, Context, EarlierText
from izer_bridge.analysis.local.danger import DangerReport, reports_of
from izer_bridge.analysis.local.signals import Signals

_MANY_WORDS = 40
_REPETITION, _MOST_REPETITIONS = 0.3, 3
_TOPICS, _TOPICS_IN_WORDS = 3, 2
_OLDER_COUNTS = 0.75
# A cry for help about an invoice is a plea; about a fall, or about nothing known, it is not.
_DISTRESS, _PLEA = "distress", "plea"
_MATTERS = frozenset(
    {"order_status", "delivery", "return", "refund", "invoice", "appointment", "booking", "price"}
    | {"warranty", "change_details", "buy", "reserve", "stock", "pay", "choice", "instalments"}
    | {"shipping_terms", "rental", "hours"}
)
_PRAISES = frozenset({"finds_good", "praise"})
_BLAMES = frozenset({"finds_bad", "disappointment", "anger", "dissatisfied"})
_WEIGHS = frozenset({"on_the_other_hand", "finds_so_so"})
_PERILS = frozenset(
    {"accident", "injury", "fire", "heat", "battery", "riding", "fails", "runaway", "near_miss"}
    | {"vehicle", "detached", "stranded", "crime", "down", "trade_stopped", "fell", "person"}
    | {"clinic", "brake", "crack", "lever_broken", "fraud", "legal", "law_word"}
)


def features_of(signals: Signals, context: Context) -> dict[str, float]:
    """By name, between 0 and 2; a missing feature is 0.

    `sign:` is a signal, `word:` the beginning of a word, `ending:` the end of one, `opinion:`
    whether it praises, blames and weighs, `chat:` what the message is to its chat, `customer:` and
    `shop:` what they have said before, `danger:` what it reports; `length`,
    `short`, `has_chat` and `short_in_chat` tell how much there is.
    """
    is_plea = _PERILS.isdisjoint(signals.found) and not _MATTERS.isdisjoint(signals.found)
    return {
        **{
            f"sign:{_PLEA if is_plea and name == _DISTRESS else name}": 1
            + _REPETITION * min(max(len(shown) - 1, 0), _MOST_REPETITIONS)
            for name, shown in signals.found.items()
        },
        **dict.fromkeys((f"word:{word}" for word in signals.beginnings), 1.0),
        **dict.fromkeys((f"ending:{word}" for word in signals.endings), 1.0),
        **dict.fromkeys((f"chat:{name}" for name in context.names), 1.0),
        **_said_before(context),
        **dict(_of_danger(reports_of(signals.said))),
        f"opinion:{_opinion(signals)}": 1.0,
        **dict(_circumstances(signals, context)),
    }


def _said_before(context: Context) -> dict[str, float]:
    """The newest counts most."""
    found: dict[str, float] = {}
    for age, topic in enumerate(context.topics[:_TOPICS]):
        who = "shop" if topic.is_shops else "customer"
        for name in _topics_names(topic, in_words=age < _TOPICS_IN_WORDS):
            found.setdefault(f"{who}:{name}", _OLDER_COUNTS**age)
    return found


def _topics_names(topic: EarlierText, *, in_words: bool) -> Iterator[str]:
    yield from topic.signals.found
    if in_words:
        yield from (f"word:{word}" for word in topic.signals.beginnings)


def _of_danger(reports: Iterable[DangerReport]) -> Iterator[tuple[str, float]]:
    for report in reports:
        yield "danger:any", 1.0
        yield f"danger:{report.danger}", 1.0


def _opinion(signals: Signals) -> str:
    """Points add up, and what praises and weighs is neither the one nor the other."""
    praises, blames, weighs = (
        not of.isdisjoint(signals.found) for of in (_PRAISES, _BLAMES, _WEIGHS)
    )
    if not (praises or blames or weighs):
        return "denies" if "denied_verb" in signals else "none"
    told = (("praises", praises), ("blames", blames), ("weighs", weighs))
    return "_".join(name for name, holds in told if holds)


def _circumstances(signals: Signals, context: Context) -> Iterator[tuple[str, float]]:
    yield "length", min(signals.words, _MANY_WORDS) / _MANY_WORDS
    is_short, has_chat = signals.words <= FEW_WORDS, bool(context.topics)
    names = (("short", is_short), ("has_chat", has_chat), ("short_in_chat", is_short and has_chat))
    yield from ((name, 1.0) for name, holds in names if holds)
