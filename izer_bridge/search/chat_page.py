"""The page `/chats/{id}`: a chat's messages, oldest first, with what was said of each later."""

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

import htpy as h
from aiohttp import web

from izer_bridge.domain.message import Kind
from izer_bridge.domain.plain_text import line, plain
from izer_bridge.media.decide import MediaState
from izer_bridge.search.history import ChatGap, ChatMessage, ShownPart
from izer_bridge.search.page_texts import SEARCH_TEXTS, SearchTexts
from izer_bridge.web.language import language_of
from izer_bridge.web.page import page
from izer_bridge.web.paging import cursor_of

_SEEN = frozenset({Kind.IMAGE, Kind.STICKER})
_HEARD = frozenset({Kind.VOICE, Kind.AUDIO})


def chat_page(request: web.Request, part: ShownPart, zone: tzinfo) -> web.Response:
    texts = SEARCH_TEXTS[language_of(request)]
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
        h.ol("#history", aria_label=title)[_entries(part, texts, zone)],
        h.nav(".bar", aria_label=texts.newest)[
            h.a("#newer.button", href=f"{here}?after={part.history.messages[0].id}")[texts.newer],
            h.a(".button", href=here)[texts.newest],
        ]
        if part.has_newer and part.history.messages
        else None,
    )


def _entries(part: ShownPart, texts: SearchTexts, zone: tzinfo) -> Iterator[h.Node]:
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
            yield h.li(".said.warning")[f"{at:%H:%M} · {texts.gap}"]
        else:
            yield _message(one, at, texts)


def _message(one: ChatMessage, at: datetime, texts: SearchTexts) -> h.Element:
    sender = texts.shop if one.from_me else line(one.sender) or texts.customer
    return h.li(id=f"m{one.id}", class_=["said", "us" if one.from_me else "them"])[
        h.span(".small.faint")[
            h.bdi[sender], f" · {at:%H:%M}", (f" · {mark}" for mark in _marks(one, texts))
        ],
        _content(one, texts),
        h.p(".small.faint.words")[texts.first_text.format(plain(one.first_text))]
        if one.first_text and one.revoked_at is None
        else None,
        h.span(".bar.small")[_beside(one, texts)],
    ]


def _marks(one: ChatMessage, texts: SearchTexts) -> Iterator[str]:
    if one.is_automatic:
        yield texts.automatic
    if one.sending is not None:
        if writer := one.sending.decided_by or one.sending.agent:
            yield texts.by.format(line(writer))
        if one.sending.read_at or one.sending.delivered_at:
            yield texts.read if one.sending.read_at else texts.delivered


def _beside(one: ChatMessage, texts: SearchTexts) -> Iterator[h.Node]:
    for reaction in one.reactions:
        yield h.span(".mark")[line(reaction.emoji)]
    if one.judgement is not None:
        names = {str(key): name for key, name in texts.categories.items()}
        yield h.span(".mark")[names.get(one.judgement.category, line(one.judgement.category))]
        yield h.span(".mark")[texts.urgency.format(one.judgement.urgency)]
    if one.answered_by is not None:
        yield h.a(href=f"#m{one.answered_by}")[texts.answered]
    if one.sending is not None and one.sending.answers is not None:
        yield h.a(href=f"#m{one.sending.answers}")[texts.answers]


def _content(one: ChatMessage, texts: SearchTexts) -> h.Node:
    if one.revoked_at is not None:
        return h.p(".faint")[texts.revoked]
    if one.kind in (Kind.PHONE_ONLY, Kind.UNSUPPORTED):
        return h.p(".faint")[texts.unread_kind]
    kind = {str(key): name for key, name in texts.kinds.items()}.get(one.kind)
    spoken = one.file.words if one.file else None
    return [
        h.blockquote(".words.faint")[plain(one.quoted.text)] if one.quoted else None,
        h.p[_file(one, kind, texts)] if kind else None,
        h.p(".words", dir="auto")[plain(one.text)] if one.text else None,
        h.p(".words.faint", dir="auto")[plain(spoken)] if spoken else None,
    ]


def _file(one: ChatMessage, kind: str, texts: SearchTexts) -> h.Node:
    file = one.file
    if file is None:
        return h.strong[kind]
    name = f"{kind}: {line(file.file_name)}" if file.file_name else kind
    if file.id is None or file.state != MediaState.KEPT:
        return [h.strong(".name")[name], h.span(".faint")[f" ({texts.not_kept})"]]
    there = f"/v1/media/{file.id}"
    if one.kind in _SEEN:
        return h.a(href=there, download=True)[h.img(".medium", src=there, alt=name, loading="lazy")]
    if one.kind in _HEARD:
        return [h.span[name], h.audio(controls=True, preload="none", src=there)]
    return h.a(".name", href=there, download=True)[name]
