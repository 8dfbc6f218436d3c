"""One conversation beside the list: what was said, the answer, the decisions.

Parts with an id are replaced by the script when they change, but none in which somebody types.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

import htpy as h

from izer_bridge.board.pane_texts import PANE_TEXTS, PaneTexts
from izer_bridge.board.rows import Reader, category, marks, time_left, urgency
from izer_bridge.board.unsent import unsent
from izer_bridge.conversations.conversation import (
    ConversationDecision,
    ConversationStatus,
    ListedConversation,
    Urgency,
)
from izer_bridge.domain.plain_text import line, plain
from izer_bridge.domain.sendable_text import LONGEST_TEXT
from izer_bridge.replies.draft_desk import DraftRow
from izer_bridge.search.history import ChatMessage
from izer_bridge.search.shown_message import content, sending_marks
from izer_bridge.web.value_names import CATEGORY_NAMES
from izer_bridge.writing.message import WrittenMessage
from izer_bridge.writing.quick_replies import QuickReply

_MORNING = time(9)
_HOURS = (1, 3)


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """What the pane shows: `said` and `unsent` oldest first; times in the shop's `zone`."""

    listed: ListedConversation
    said: Sequence[ChatMessage]
    unsent: Sequence[WrittenMessage]
    draft: DraftRow | None
    zone: tzinfo

    @property
    def address(self) -> str:
        return f"/v1/conversations/{self.listed.chat_id}"


def pane(one: OpenConversation, reader: Reader) -> h.Element:
    texts = PANE_TEXTS[reader.language]
    return h.section("#pane", data_chat=str(one.listed.chat_id), aria_labelledby="pane-name")[
        h.div("#pane-head")[_head(one, reader), _decisions(one, reader)],
        h.h3(".unseen")[texts.said],
        h.ol("#pane-said", tabindex="0", aria_label=texts.said)[
            _said(one, reader), unsent(one.unsent, one.zone, reader.language)
        ],
        h.div("#pane-answer")[_answer(one, texts)],
    ]


def _head(one: OpenConversation, reader: Reader) -> h.Node:
    listed, texts = one.listed, reader.texts
    pane_texts = PANE_TEXTS[reader.language]
    return [
        h.div(".bar")[
            h.a("#back.button", href="/")[pane_texts.back],
            h.h2("#pane-name.name", tabindex="-1")[line(listed.name)],
            # A phone calls it.
            h.a("#call", href=f"tel:{listed.number}")[listed.number] if listed.number else None,
            marks(listed, texts),
            time_left(listed, reader),
        ],
        h.p(".bar")[category(listed.urgency, reader.language), urgency(listed.urgency, texts)]
        if listed.urgency
        else None,
        h.p(".faint")[_decided(one, pane_texts)] if listed.decided else None,
    ]


def _decided(one: OpenConversation, texts: PaneTexts) -> str:
    decided = one.listed.decided
    if decided is None:
        return ""
    what = texts.decisions[decided.decision]
    return texts.decided.format(what, line(decided.by), _clock_time(decided.at, one.zone))


def _decisions(one: OpenConversation, reader: Reader) -> h.Element:
    listed, texts = one.listed, PANE_TEXTS[reader.language]
    is_done = listed.status is ConversationStatus.DONE
    is_snoozed = listed.status is ConversationStatus.SNOOZED
    return h.div(".bar")[
        _button(one, "reopen", texts.reopen) if is_done else _button(one, "done", texts.done),
        _button(one, "wake", texts.wake) if is_snoozed else _snooze(one, reader),
        _button(one, "resume", texts.resume)
        if listed.is_paused
        else _button(one, "pause", texts.pause),
        _labels(one, listed.urgency, reader) if listed.urgency else None,
        h.a(".button", href=f"/chats/{listed.chat_id}")[texts.history],
    ]


def _button(one: OpenConversation, decision: str, name: str) -> h.Element:
    """One decision; what was seen goes with it, so that a newer message is not overlooked."""
    return h.form(
        data_api=f"{one.address}/{decision}",
        data_done=name,
    )[
        h.input(type="hidden", name="seen", value=one.listed.version)
        if decision not in ("pause", "resume")
        else None,
        h.button(id=f"do-{decision}")[name],
    ]


def _snooze(one: OpenConversation, reader: Reader) -> h.Element:
    texts = PANE_TEXTS[reader.language]
    today = reader.now.astimezone(one.zone)
    to_monday = 7 - today.weekday()
    options: list[tuple[str, dict[str, str]]] = [
        (texts.snooze_hours.format(hours), {"data-minutes": str(hours * 60)}) for hours in _HOURS
    ]
    options += [
        (name, {"value": datetime.combine(today + timedelta(days), _MORNING, one.zone).isoformat()})
        for name, days in ((texts.tomorrow, 1), (texts.monday, to_monday))
    ]
    api = {
        "data-api": f"{one.address}/snooze",
        "data-done": texts.decisions[ConversationDecision.SNOOZED],
    }
    seen = h.input(type="hidden", name="seen", value=one.listed.version)
    return h.details("#snooze.menu")[
        h.summary(".button")[texts.snooze],
        h.form(api)[seen, (h.button({"name": "until", **how})[name] for name, how in options)],
        h.form(api)[
            seen,
            h.label[
                texts.snooze_until,
                h.input(
                    type="datetime-local",
                    name="until",
                    required=True,
                    min=f"{today:%Y-%m-%dT%H:%M}",
                ),
            ],
            h.button[texts.snooze],
        ],
    ]


def _labels(one: OpenConversation, judged: Urgency, reader: Reader) -> h.Element:
    """A person's judgement, from which `evaluate` learns how good the analysis is."""
    texts, categories = PANE_TEXTS[reader.language], CATEGORY_NAMES[reader.language]
    return h.details("#wrong.menu")[
        h.summary(".button")[texts.wrong],
        h.form(
            data_api=f"/v1/messages/{judged.row_id}/label",
            data_method="PUT",
            data_done=texts.saved,
        )[
            h.label[
                texts.right_urgency,
                h.select(name="urgency", data_number=True)[
                    (
                        h.option(value=str(score), selected=judged.score == score)[str(score)]
                        for score in range(1, 11)
                    )
                ],
            ],
            h.label[
                texts.right_category,
                h.select(name="category")[
                    (
                        h.option(value=value, selected=judged.category == value)[name]
                        for value, name in categories.items()
                    )
                ],
            ],
            h.button[texts.save],
        ],
    ]


def _said(one: OpenConversation, reader: Reader) -> Iterator[h.Node]:
    texts = PANE_TEXTS[reader.language]
    if not one.said:
        yield h.li[texts.nothing_said]
    day = None
    for message in one.said:
        at = message.sent_at.astimezone(one.zone)
        if at.date() != day:
            day = at.date()
            yield h.li(".day")[f"{day:%d.%m.%Y}"]
        yield h.li(id=f"m{message.id}", class_=["said", "us" if message.from_me else "them"])[
            h.span(".small.faint")[
                h.bdi[texts.shop if message.from_me else line(message.sender)],
                f" · {at:%H:%M}",
                (f" · {mark}" for mark in _marks(message, reader)),
            ],
            content(message, reader.language),
            (h.span(".mark")[line(one.emoji)] for one in message.reactions),
        ]


def _marks(message: ChatMessage, reader: Reader) -> Iterator[str]:
    if message.first_text is not None:
        yield PANE_TEXTS[reader.language].edited
    yield from sending_marks(message, reader.language)


def _answer(one: OpenConversation, texts: PaneTexts) -> h.Node:
    """A draft, to be sent as it is or corrected; else an empty field for one's own words."""
    draft = one.draft
    drafts = f"/v1/drafts/{draft.id}" if draft else ""
    return [
        h.form(
            "#answer",
            data_api=f"{drafts}/edit" if draft else f"{one.address}/messages",
            data_approve=f"{drafts}/approve" if draft else None,
            data_done=texts.sent,
            data_ask=texts.send_sure.format(line(one.listed.name)),
            data_moved=texts.moved_on,
        )[
            h.label(for_="text")[texts.drafted.format(draft.agent) if draft else texts.answer],
            h.textarea(
                "#text", name="text", maxlength=str(LONGEST_TEXT), required=True, dir="auto"
            )[plain(draft.text) if draft else ""],
            h.p(".error", role="alert"),
            h.div(".bar")[
                h.button("#send.main")[texts.send],
                h.button(
                    "#refuse.danger",
                    formnovalidate=True,
                    data_api=f"{drafts}/refuse",
                    data_approve="",
                    data_sure=texts.refuse_sure,
                    data_done=texts.refused,
                )[texts.refuse]
                if draft
                else h.input(type="hidden", name="author", value="person"),
            ],
        ],
        h.div(".bar")[
            h.details("#quick.menu", data_from=f"/board/chats/{one.listed.chat_id}/quick")[
                h.summary(".button")[texts.quick]
            ],
            _attachment(one, texts),
        ],
    ]


def quick_list(replies: Sequence[QuickReply], reader: Reader) -> h.Element:
    """Each inserts its text into the answer, to be edited."""
    texts = PANE_TEXTS[reader.language]
    return h.div(".quick")[
        (
            h.button(
                type="button",
                class_={"main": one.is_suggested},
                data_insert=plain(one.text),
                title=plain(one.text),
            )[line(one.title)]
            for one in replies
        )
        if replies
        else h.p(".faint")[texts.no_quick]
    ]


def _attachment(one: OpenConversation, texts: PaneTexts) -> h.Element:
    return h.details("#attach.menu")[
        h.summary(".button")[texts.file],
        h.form(data_api=f"{one.address}/files", data_done=texts.sent)[
            h.input(type="hidden", name="author", value="person"),
            h.input(
                type="file",
                name="file",
                required=True,
                accept="image/jpeg,image/png,image/webp,application/pdf",
                aria_label=texts.file,
            ),
            h.label[texts.caption, h.input(name="text", maxlength="1024", autocomplete="off")],
            h.p(".error", role="alert"),
            h.button[texts.send],
        ],
    ]


def _clock_time(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d.%m. %H:%M}"
