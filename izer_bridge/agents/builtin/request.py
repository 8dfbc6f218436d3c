"""What a built-in agent reads from a `/process` body."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain, takewhile
from typing import Any, NamedTuple, Self

from izer_bridge.agents.builtin.announced import said_in, shows_picture
from izer_bridge.agents.builtin.facts import asked_in
from izer_bridge.agents.builtin.meant_words import meant_words
from izer_bridge.agents.safety_words import is_led
from izer_bridge.analysis.local.analyser import judged_alone
from izer_bridge.analysis.local.danger import dangers_of
from izer_bridge.analysis.local.excerpt import bounded
from izer_bridge.analysis.local.language import answered_by, evidence_of
from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.message import EarlierVerdict

LANGUAGES = ("tr", "en", "de", "ru", "ar")
MOST_TURNS = 20
# Customers in a language that the agents do not know read English sooner than Turkish.
_ELSEWHERE = "en"
_JUST_NOW = timedelta(minutes=5)
# For older messages from outside it is unknown whether anybody has answered elsewhere; for those
# that the bridge knows to be unanswered, a customer would ask again after this long.
_OPEN, _KNOWN_OPEN = timedelta(days=2), timedelta(days=14)
_LATELY = timedelta(hours=12)
_PIECE_WORDS = 3
# An earlier message is told with its category and urgency; this calm a general one asks nothing.
_CALM = 2
# Signals of what a question about a price or a repair refers to.
_NAMED = frozenset({"bike", "part", "goods", "electric", "appointment", "rental", "delivery"})
_FAILING = frozenset({"fault", "fails", "down", "system_down"})
# A text is read again with each later message of its chat.
_REMEMBERED = 1 << 11
# Groups of folded stems, each after a blank, all of which begin words of the same text.
Beginnings = tuple[tuple[str, ...], ...]


class Turn(NamedTuple):
    """One earlier message of the chat, or a reaction to one.

    `is_just_now`: minutes before the answered message, and by the same person. `is_lately`: hours
    before it, as far as known, and by the same person. `is_open`: it may still wait for an answer;
    `is_known`: the bridge knows whether it does. `is_by_bridge`: it answers only the message that
    it was sent for. `verdict` is its analysis, if known.
    """

    is_shop: bool
    text: str
    is_just_now: bool = False
    is_reaction: bool = False
    is_lately: bool = True
    is_open: bool = False
    is_known: bool = False
    is_by_bridge: bool = False
    verdict: EarlierVerdict | None = None

    @property
    def is_answer(self) -> bool:
        """Whether a person of the shop may have written it; a warning is the bridge's own."""
        return self.is_shop and not is_led(self.text)


@dataclass(frozen=True)
class Conversation:
    """What was said before a message, oldest first; all messages answered together share it."""

    turns: tuple[Turn, ...] = ()

    @cached_property
    def said(self) -> tuple[Turn, ...]:
        """Without reactions."""
        return tuple(turn for turn in self.turns if not turn.is_reaction)

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The customer's messages."""
        return tuple(turn.text for turn in self.said if not turn.is_shop)


@dataclass(frozen=True, slots=True)
class QuotedText:
    """The message that this one answers. `is_offer`: the shop's own words, as stored."""

    is_shop: bool
    text: str
    is_offer: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One message: its text, its language (one of LANGUAGES), its analysis, its chat.

    The chat holds at most MOST_TURNS. `advert` is what the customer clicked. `agent` is the one
    that an earlier message went to, if known. `is_to_answer`: it was judged to ask for something.
    `shows_picture`: with it, or with one that waits beside it. `whole`: the message that `text` is
    only a part of.
    """

    text: str
    language: str
    category: str = "general"
    urgency: int = 1
    chat: Conversation = Conversation()
    quoted: QuotedText | None = None
    advert: str = ""
    agent: str = ""
    is_to_answer: bool = True
    shows_picture: bool = False
    whole: str = ""

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Read the legacy body. Raises PermanentError naming what is missing in it."""
        message, analysis = _object(body, "message"), _object(body, "analysis")
        text = message.get("current_message")
        if not isinstance(text, str):
            raise PermanentError("message.current_message: expected a string")
        now, writer = _moment(message.get("chat_time")), message.get("sender") or None
        turns = _turns(message.get("history"), now, writer)
        urgency, language = analysis.get("urgency_score"), analysis.get("language")
        return cls(
            text=(said := said_in(bounded(text))),
            language=language if language in LANGUAGES else _language(said, turns),
            category=str(analysis.get("category", "general")),
            urgency=max(urgency, 1) if isinstance(urgency, int) else 1,
            chat=Conversation(turns),
            quoted=_quoted(message.get("quoted")),
            advert=_advert(message.get("advert")),
            is_to_answer=analysis.get("action_required") is not False,
            shows_picture=shows_picture(text)
            or any(turn.is_open and shows_picture(turn.text) for turn in turns),
        )

    @property
    def words(self) -> tuple[str, ...]:
        return folded(self.text)

    @property
    def history(self) -> tuple[Turn, ...]:
        return self.chat.turns

    @property
    def said(self) -> tuple[str, ...]:
        """The customer's own words, oldest first, this message last."""
        quoted = self.quoted
        before = [quoted.text] if quoted is not None and not quoted.is_shop else []
        return (*before, *self.chat.own, self.whole or self.text)

    @property
    def just_asked(self) -> tuple[str, ...]:
        """The customer's directly preceding messages without an answer, the latest first."""
        return tuple(turn.text for turn in self._unanswered if turn.is_just_now)

    @property
    def open_before(self) -> tuple[Turn, ...]:
        """All the customer's earlier messages without an answer, the latest first."""
        return tuple(turn for turn in self._unanswered if turn.is_open)

    @property
    def _unanswered(self) -> Iterator[Turn]:
        """Unanswered messages, the latest first.

        A reply that the bridge has sent meanwhile answers messages not known to be waiting.
        """
        is_answered = False
        for turn in reversed(self.chat.said):
            if turn.is_shop and not turn.is_by_bridge:
                return
            if turn.is_shop:
                is_answered = True
            elif turn.is_open if turn.is_known else not is_answered:
                yield turn

    def waiting(self) -> Iterator["Case"]:
        """The messages that wait for an answer: this one, and those `open_before` it.

        Each knows what all of them say, and is judged by its own words, once it is looked at.
        """
        yield self
        chat = Conversation((*self.history, Turn(is_shop=False, text=self.text)))
        for turn in self.open_before:
            yield self._earlier(turn, chat)

    def _earlier(self, turn: Turn, chat: Conversation) -> "Case":
        """With its original verdict; a message from outside is judged by its own words."""
        verdict = turn.verdict or EarlierVerdict(*judged_alone(turn.text), "")
        text, (category, urgency, agent) = said_in(turn.text), verdict
        return replace(
            Case(text, self.language, category, urgency, chat, agent=agent),
            is_to_answer=category != "general" or urgency > _CALM,
            shows_picture=self.shows_picture,
        )

    @property
    def dangers(self) -> tuple[Danger, ...]:
        """The dangers of this message, and of its writer's earlier ones without an answer."""
        since = takewhile(lambda turn: not turn.is_answer, reversed(self.history))
        before = [turn.text for turn in since if turn.is_lately and not turn.is_shop]
        # "ön fren", "hiç", "tutmuyor": pieces of one sentence.
        row = (*self.just_asked[::-1], self.text)
        whole = " ".join(row) if all(len(folded(one)) <= _PIECE_WORDS for one in row) else ""
        found = {*chain.from_iterable(map(dangers_of, (self.text, whole, *before)))}
        return tuple(danger for danger in Danger if danger in found) if found else ()

    @property
    def offered(self) -> str:
        """The shop's message just before this one, or the shop's message that it quotes.

        Empty if the customer wrote last.
        """
        if self.quoted is not None and self.quoted.is_offer:
            return self.quoted.text
        last = self.chat.said[-1:]
        return last[0].text if last and last[0].is_shop else ""

    @property
    def asked_for(self) -> frozenset[str]:
        """The facts that the shop's last message in this chat has asked for."""
        last = next((turn for turn in reversed(self.chat.said) if turn.is_shop), None)
        return frozenset() if last is None else asked_in(last.text)

    @property
    def meant(self) -> str:
        """The message with what it refers to, for finding its subject."""
        quoted = self.quoted.text if self.quoted is not None else ""
        return " ".join(filter(None, (self.text, quoted, self.advert)))

    def saying(self, text: str) -> "Case":
        """The same case, about a part of its text, or about more than it."""
        return replace(self, text=text, whole=self.whole or self.text)


def mentions(words: Iterable[str], beginnings: Beginnings) -> bool:
    """Whether every stem of one of these groups begins a word."""
    spoken = f" {' '.join(words)}"
    return any(all(map(spoken.__contains__, group)) for group in beginnings)


def is_failing(text: str) -> bool:
    """Whether something is said not to work."""
    return not _FAILING.isdisjoint(signals_of(text).found)


def names_something(text: str) -> bool:
    """A bicycle, a part, a repair: what a short question may be about."""
    return not _NAMED.isdisjoint(signals_of(text).found)


def _quoted(given: object) -> QuotedText | None:
    if not isinstance(given, Mapping) or not isinstance(given.get("content"), str):
        return None
    is_shop = given.get("fromMe") is True
    return QuotedText(is_shop, bounded(given["content"]), is_shop and given.get("isStored") is True)


def _advert(given: object) -> str:
    parts = [given.get("title"), given.get("body")] if isinstance(given, Mapping) else []
    return bounded(" ".join(part for part in parts if isinstance(part, str)))


@lru_cache(_REMEMBERED)
def folded(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(word.folded for word in meant_words(text))


def _language(text: str, turns: Iterable[Turn]) -> str:
    """This message's language; a short one ("ok", "?") has the language of the chat before it."""
    before = (evidence_of(turn.text) for turn in turns if not turn.is_shop)
    found = answered_by(evidence_of(text), before)
    return found if found in LANGUAGES else _ELSEWHERE


def _moment(written: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None


def _turns(history: object, now: datetime | None, writer: object) -> tuple[Turn, ...]:
    """Turns with a text and a speaker; an older connector may have left out the rest.

    With a `writer` the chat is a group's, and other members' messages do not count as just asked.
    """
    entries = history if isinstance(history, list) else []
    return tuple(
        _turn(entry, now, is_theirs=writer in (None, entry.get("sender")))
        for entry in entries[-MOST_TURNS:]
        if isinstance(entry, Mapping)
        and isinstance(entry.get("content"), str)
        and entry.get("isAutomatic") is not True
    )


def _turn(entry: Mapping[str, Any], now: datetime | None, *, is_theirs: bool) -> Turn:
    then = _moment(entry.get("timestamp"))
    ago = None if then is None or now is None else abs(now - then)
    return Turn(
        is_shop=entry.get("fromMe") is True,
        text=bounded(entry["content"]),
        is_just_now=is_theirs and ago is not None and ago <= _JUST_NOW,
        is_reaction=entry.get("type") == "reaction",
        is_lately=is_theirs and (ago is None or ago <= _LATELY),
        is_open=_is_open(entry, ago) and is_theirs,
        is_known=isinstance(entry.get("isOpen"), bool),
        is_by_bridge=entry.get("isByBridge") is True,
        verdict=_verdict(entry),
    )


def _is_open(entry: Mapping[str, Any], ago: timedelta | None) -> bool:
    told = entry.get("isOpen")
    if ago is None or told is False:
        return False
    return ago <= (_KNOWN_OPEN if told is True else _OPEN)


def _verdict(entry: Mapping[str, Any]) -> EarlierVerdict | None:
    """The bridge's verdict on it, if it has told one."""
    analysis, agent = entry.get("analysis"), entry.get("agent")
    if not isinstance(analysis, Mapping) or not isinstance(agent, str):
        return None
    category, urgency = analysis.get("category"), analysis.get("urgency_score")
    if not isinstance(category, str) or not isinstance(urgency, int):
        return None
    return EarlierVerdict(category, max(urgency, 1), agent)


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    if not isinstance(value, Mapping):
        raise PermanentError(f"{key}: expected an object")
    return value
