"""Rows of the board's list as HTML, each the same for every board of a language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import htpy as h

from izer_bridge.board.texts import BOARD_TEXTS, BoardTexts
from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationStatus,
    ListedConversation,
    TimeLeft,
    Urgency,
)
from izer_bridge.domain.durations import in_one_unit
from izer_bridge.domain.plain_text import line
from izer_bridge.web.language import Language
from izer_bridge.web.value_names import CATEGORY_NAMES

_CRITICAL_FROM = 9
_MOST_WORDS = 3
_COLOURS = {TimeLeft.SOON: "soon", TimeLeft.BREACHED: "late"}
# Where nothing is due: after all else.
_LAST = 1 << 42


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a fragment is: in which language, and when."""

    language: Language
    now: datetime

    @property
    def texts(self) -> BoardTexts:
        return BOARD_TEXTS[self.language]


def row(one: ListedConversation, reader: Reader) -> h.Element:
    """`data-at` sorts it, `data-status` says on which lists it belongs."""
    score = one.urgency.score if one.urgency else 0
    return h.li(
        id=f"c{one.chat_id}",
        data_status=one.status,
        data_at=str(_place(one)),
        data_critical="yes" if one.status in UNANSWERED and score >= _CRITICAL_FROM else None,
    )[
        h.a(f"#to-{one.chat_id}.row", href=f"/?chat={one.chat_id}")[
            h.span(".bar")[
                h.strong(".name")[line(one.name)],
                marks(one, reader.texts),
                h.span(".gap"),
                time_left(one, reader),
            ],
            _last_words(one, reader.texts),
            h.span(".bar.small")[_judged(one.urgency, reader), _counted(one, reader.texts)],
        ]
    ]


def marks(one: ListedConversation, texts: BoardTexts) -> Iterator[h.Node]:
    """Who it is, and what is under way."""
    if one.is_vip:
        yield h.span(".mark.calm")[texts.vip]
    if one.is_group:
        name = texts.critical_group if one.is_critical_group else texts.group
        yield h.span(".mark.calm")[name]
    if one.draft_id is not None:
        yield h.span(".mark.good")[texts.draft]
    if one.is_answer_on_its_way:
        yield h.span(".mark.good")[texts.on_its_way]
    if one.is_paused:
        yield h.span(".mark")[texts.paused]


def time_left(one: ListedConversation, reader: Reader) -> h.Node:
    """Until an answer is due, or a snooze ends; the script keeps it right."""
    texts, due = reader.texts, one.due_at
    if one.status is ConversationStatus.SNOOZED:
        due = one.snoozed_until
    elif one.status not in UNANSWERED:
        return h.span(".mark")[texts.statuses[one.status]]
    if due is None:
        return h.span(".mark")[texts.statuses[one.status]]
    soon = one.soon_at or due
    is_late = due <= reader.now
    said = (texts.late if is_late else texts.left).format(
        in_one_unit(abs(due - reader.now), texts.units)
    )
    state = one.time_left(reader.now) if one.status in UNANSWERED else TimeLeft.OK
    return h.span(
        class_=["mark", "time", _COLOURS.get(state)],
        data_due=milliseconds(due),
        data_soon=milliseconds(soon) if one.status in UNANSWERED else None,
    )[said]


def urgency(judged: Urgency, texts: BoardTexts) -> h.Node:
    """How urgent, and which words, dangers or rules made it so."""
    colour = "late" if judged.score >= _CRITICAL_FROM else None
    whys = [
        *(texts.dangers[danger] for danger in judged.dangers),
        *(f"“{line(word)}”" for word in judged.words[:_MOST_WORDS]),
        *(
            [texts.raised.get(judged.raised_because, judged.raised_because)]
            if judged.raised_because
            else []
        ),
    ]
    return [
        h.span(class_=["mark", colour])[texts.urgency.format(judged.score)],
        h.span(".faint.words")[f"{texts.because} {', '.join(whys)}"] if whys else None,
    ]


def category(judged: Urgency, language: Language) -> h.Node:
    return h.span(".mark")[CATEGORY_NAMES[language].get(judged.category, judged.category)]


def _judged(judged: Urgency | None, reader: Reader) -> h.Node:
    if judged is None:
        return None
    return [category(judged, reader.language), urgency(judged, reader.texts)]


def _counted(one: ListedConversation, texts: BoardTexts) -> h.Node:
    return texts.unanswered.format(one.unanswered) if one.unanswered > 1 else None


def _last_words(one: ListedConversation, texts: BoardTexts) -> h.Node:
    if one.last is None:
        return None
    who = texts.us if one.last.from_me else line(one.last.sender) if one.is_group else ""
    return h.span(".last.words")[f"{who}: " if who else None, line(one.last.text)]


def _place(one: ListedConversation) -> int:
    """As the lists of conversations are sorted; smallest first."""
    if one.status is ConversationStatus.SNOOZED:
        return milliseconds(one.snoozed_until) if one.snoozed_until else _LAST
    if one.status in UNANSWERED:
        since = one.waiting_since or one.changed_at
        return milliseconds(one.due_at) if one.due_at else _LAST + milliseconds(since)
    return -milliseconds(one.last.sent_at if one.last else one.changed_at)


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
