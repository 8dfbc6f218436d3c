"""The page `/chats/{id}`: a chat's messages, oldest first, with what was said of each later."""

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

import htpy as h
from aiohttp import web

from izer_bridge.domain.plain_text import line, plain
from izer_bridge.search.history import ChatGap, ChatMessage, ShownPart
from izer_bridge.search.page_texts import SEARCH_TEXTS, SearchTexts
from izer_bridge.search.shown_message import content, sending_marks
from izer_bridge.web.language import Language, language_of
from izer_bridge.web.page import page
from izer_bridge.web.paging import cursor_of


def chat_page(request: web.Request, part: ShownPart, zone: tzinfo) -> web.Response:
    language = language_of(request)
    texts = SEARCH_TEXTS[language]
    title = texts.history.format(line(part.name))
    here = f"/chats/{part.chat_id}"
    following = part.history.following
    return page(
        request,
        title,
        h.h1(".name")[title],
        h.nav(".bar", aria_label=title)[
            h.a(".button", href=f"/?chat={part.chat_id}")[texts.open_board],
            h.a("#older.button", href=f"{here}?before={cursor_of(*following)}")[texts.older]
            if following
            else h.span(".faint")[texts.beginning],
        ],
        h.ol("#history", aria_label=title)[_entries(part, language, zone)],
        h.nav(".bar", aria_label=texts.newest)[
            h.a("#newer.button", href=f"{here}?after={part.history.messages[0].id}")[texts.newer],
            h.a(".button", href=here)[texts.newest],
        ]
        if part.has_newer and part.history.messages
        else None,
    )


def _entries(part: ShownPart, language: Language, zone: tzinfo) -> Iterator[h.Node]:
    """Messages and gaps by their times, oldest first, with a line before each day."""
    both: list[tuple[datetime, ChatMessage | ChatGap]] = [
        *((one.sent_at, one) for one in reversed(part.history.messages)),
        *((one.noticed_at, one) for one in reversed(part.history.gaps)),
    ]
    day: date | None = None
    for moment, one in sorted(both, key=lambda entry: entry[0]):
        at = moment.astimezone(zone)
        if at.date() != day:
            day = at.date()
            yield h.li(".day")[f"{day:%d.%m.%Y}"]
        if isinstance(one, ChatGap):
            yield h.li(".said.warning")[f"{at:%H:%M} · {SEARCH_TEXTS[language].gap}"]
        else:
            yield _message(one, at, language)


def _message(one: ChatMessage, at: datetime, language: Language) -> h.Element:
    texts = SEARCH_TEXTS[language]
    sender = texts.shop if one.from_me else line(one.sender) or texts.customer
    return h.li(id=f"m{one.id}", class_=["said", "us" if one.from_me else "them"])[
        h.span(".small.faint")[
            h.bdi[sender], f" · {at:%H:%M}", (f" · {mark}" for mark in _marks(one, language))
        ],
        content(one, language),
        h.p(".small.faint.words")[texts.first_text.format(plain(one.first_text))]
        if one.first_text and one.revoked_at is None
        else None,
        h.span(".bar.small")[_beside(one, texts)],
    ]


def _marks(one: ChatMessage, language: Language) -> Iterator[str]:
    writer = one.sending and (one.sending.decided_by or one.sending.agent)
    if writer:
        yield SEARCH_TEXTS[language].by.format(line(writer))
    yield from sending_marks(one, language)


def _beside(one: ChatMessage, texts: SearchTexts) -> Iterator[h.Node]:
    for reaction in one.reactions:
        yield h.span(".mark")[line(reaction.emoji)]
    if one.judgement is not None:
        category = one.judgement.category
        yield h.span(".mark")[texts.categories.get(category, line(category))]
        yield h.span(".mark")[texts.urgency.format(one.judgement.urgency)]
    if one.answered_by is not None:
        yield h.a(href=f"#m{one.answered_by}")[texts.answered]
    if one.sending is not None and one.sending.answers is not None:
        yield h.a(href=f"#m{one.sending.answers}")[texts.answers]
