"""What the preceding chat reveals about a message. It does not judge the message alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from izer_bridge.analysis.local.signals import Signals, signals_of
from izer_bridge.domain.message import HistoryEntry, Kind, Subject

# The last few messages show what a short one means; more would cost time and mislead.
MOST_ENTRIES = 8
_LONGEST_ENTRY = 300
_LONG_SILENCE = timedelta(hours=12)
# A customer who writes on within minutes has not been waiting.
ONE_THOUGHT = timedelta(minutes=10)
FEW_WORDS = 4
_IMPATIENT = ("nudge", "waiting_long", "broken_promise", "denied_verb", "doubts", "nobody_answers")
_OFFERS = ("price", "stock", "reserve", "pay", "bargain", "instalments", "buy")
_TAKING = ("ack", "chosen", "buy")
_POLITE = ("ack", "thanks", "farewell", "celebration", "laughter", "praise", "media_sticker")


@dataclass(frozen=True, slots=True)
class EarlierText:
    """One earlier text."""

    signals: Signals
    is_shops: bool


@dataclass(frozen=True, slots=True)
class Context:
    """`names` are signals; `topics` earlier texts, newest first."""

    names: frozenset[str]
    topics: tuple[EarlierText, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    is_shops: bool
    sent_at: datetime
    signals: Signals


def whole_thought(subject: Subject) -> Subject:
    """The message joined to its sender's previous one, if it is too short to stand alone.

    "bisikletimi getirdim dün" — "mavi Trek" is one message in two pieces, and nobody repeats a
    request.
    """
    points_elsewhere = subject.context.advert is not None or subject.context.quoted is not None
    if subject.is_group or points_elsewhere or not _is_piece(signals_of(subject.text)):
        return subject
    history = [entry for entry in subject.history if is_said(entry)]
    pieces = [subject.text]
    while history and _continues(history[-1], subject.sent_at):
        pieces.insert(0, history.pop().content[:_LONGEST_ENTRY])
    return replace(subject, text="\n".join(pieces), history=tuple(history))


def _is_piece(signals: Signals) -> bool:
    is_own_matter = "question" in signals or _any(_POLITE, signals) or _any(_IMPATIENT, signals)
    return 0 < signals.words <= FEW_WORDS and not is_own_matter


def _continues(entry: HistoryEntry, now: datetime) -> bool:
    return not entry.from_me and now - entry.sent_at <= ONE_THOUGHT


def context_of(subject: Subject, signals: Signals) -> Context:
    """What the chat adds to a message with these signals; for a group only that it is one."""
    if subject.is_group:
        return Context(frozenset({"in_group"}), ())
    said = [entry for entry in subject.history[-MOST_ENTRIES:] if is_said(entry)]
    lines = [_line(entry) for entry in said]
    # Who writes the same again means nothing else by it.
    others = [line for entry, line in zip(said, lines, strict=True) if not _repeats(subject, entry)]
    meant = [*others, *_pointed_at(subject)]
    if not meant:
        return Context(frozenset(), ())
    names = {*_presses(lines, signals, subject.sent_at)} if lines else set()
    if meant[-1].is_shops:
        names |= {*_answers(meant[-1].signals, signals)}
    if _closes("shop_asked" in names, signals):
        names.add("closes")
    topics = (EarlierText(line.signals, line.is_shops) for line in reversed(meant))
    return Context(frozenset(names), tuple(topics))


def _repeats(subject: Subject, entry: HistoryEntry) -> bool:
    return not entry.from_me and entry.content.strip() == subject.text.strip()


def is_said(entry: HistoryEntry) -> bool:
    """A reaction asks nothing, and an automatic greeting answers nothing."""
    return entry.kind != Kind.REACTION and not entry.is_automatic


def _pointed_at(subject: Subject) -> Iterator[_Line]:
    """What the message refers to without saying so: it is closer than the last message."""
    advert, quoted = subject.context.advert, subject.context.quoted
    if advert is not None:
        yield _Line(True, subject.sent_at, signals_of(advert.words[:_LONGEST_ENTRY]))
    if quoted is not None:
        yield _Line(quoted.from_me, subject.sent_at, signals_of(quoted.text[:_LONGEST_ENTRY]))


def _line(entry: HistoryEntry) -> _Line:
    return _Line(entry.from_me, entry.sent_at, signals_of(entry.content[:_LONGEST_ENTRY]))


def _answers(shops: Signals, signals: Signals) -> Iterator[str]:
    """What kind of answer the message is to the shop's text right before it."""
    is_short = signals.words <= FEW_WORDS
    shop_asked = "question" in shops
    if shop_asked:
        yield "shop_asked"
    if is_short and _any(_OFFERS, shops) and _any(_TAKING, signals):
        yield "takes_offer"
    if "ack" not in signals and (
        (is_short and (shop_asked or "number" in signals)) or (shop_asked and "details" in signals)
    ):
        yield "gives_detail"


def _presses(lines: Sequence[_Line], signals: Signals, now: datetime) -> Iterator[str]:
    """How the message presses: for an answer, or for what the shop has promised."""
    is_impatient = _any(_IMPATIENT, signals)
    if _any(_POLITE, signals) or not (is_impatient or signals.words <= FEW_WORDS):
        return
    waiting = _unanswered(lines)
    writes_on = bool(waiting) and now - waiting[-1].sent_at <= ONE_THOUGHT
    # A picture alone does not say what it is about: it refers back to the words before it.
    if writes_on and not is_impatient and "media_only" not in signals:
        return
    if waiting:
        yield "asks_again"
    if len(waiting) > 1 or any(now - one.sent_at > _LONG_SILENCE for one in waiting):
        yield "asks_again_late"
    was_promised = any(line.is_shops and "promise" in line.signals for line in lines)
    still_waits = bool(waiting) or _any(("waiting_long", "broken_promise"), signals)
    if was_promised and still_waits and (is_impatient or len(waiting) > 1):
        yield "promise_pending"


def _closes(shop_asked: bool, signals: Signals) -> bool:
    """Whether a message only thanks, agrees or says goodbye."""
    return (
        _any(_POLITE, signals)
        and not shop_asked
        and not _any(("question", "number"), signals)
        and signals.words <= 2 * FEW_WORDS
    )


def _any(names: Iterable[str], signals: Signals) -> bool:
    return signals.has_any(names)


def _unanswered(lines: Sequence[_Line]) -> list[_Line]:
    """The customer's last lines that the shop has not answered, oldest first."""
    waiting: list[_Line] = []
    for line in reversed(lines):
        if line.is_shops:
            break
        waiting.insert(0, line)
    return waiting
