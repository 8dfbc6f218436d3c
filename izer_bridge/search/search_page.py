"""The page `/search`: a form, and the messages that were found."""

from collections.abc import Sequence
from datetime import tzinfo
from urllib.parse import urlencode

import htpy as h
from aiohttp import web

from izer_bridge.domain.plain_text import line, plain
from izer_bridge.pipeline.store.browsing import Read
from izer_bridge.search.page_texts import SEARCH_TEXTS, SearchTexts
from izer_bridge.search.wished import Wished
from izer_bridge.search.words import LONGEST_TERMS, WhyNot
from izer_bridge.web.language import language_of
from izer_bridge.web.page import page

_LONGEST_SHOWN = 600


def search_page(
    request: web.Request,
    wished: Wished,
    found: Sequence[Read],
    following: str | None,
    wrong: WhyNot | None,
    zone: tzinfo,
) -> web.Response:
    texts = SEARCH_TEXTS[language_of(request)]
    return page(
        request,
        texts.title,
        h.h1[texts.title],
        _form(wished, texts),
        h.p(".error", role="alert")[texts.wrong[wrong]] if wrong else None,
        _results(wished, found, following, texts, zone) if wished.q and not wrong else None,
    )


def _form(wished: Wished, texts: SearchTexts) -> h.Element:
    return h.form(".card", action="/search", role="search")[
        h.label(for_="q")[texts.words],
        h.input(
            "#q",
            type="search",
            name="q",
            value=plain(wished.q),
            required=True,
            maxlength=str(LONGEST_TERMS),
            aria_describedby="q-hint",
        ),
        h.p("#q-hint.faint.small")[texts.hint],
        h.div(".bar")[
            h.label[
                texts.person, h.input(name="person", value=plain(wished.person), maxlength="255")
            ],
            h.label[
                texts.category,
                h.select(name="category")[
                    h.option(value="")[texts.any_category],
                    (
                        h.option(value=value, selected=wished.category == value)[name]
                        for value, name in texts.categories.items()
                    ),
                ],
            ],
            h.label[texts.since, h.input(type="date", name="since", value=line(wished.since))],
            h.label[texts.until, h.input(type="date", name="until", value=line(wished.until))],
            h.label[
                h.input(type="checkbox", name="best", value="1", checked=bool(wished.best)),
                f" {texts.best}",
            ],
            h.button(".main")[texts.search],
        ],
    ]


def _results(
    wished: Wished,
    found: Sequence[Read],
    following: str | None,
    texts: SearchTexts,
    zone: tzinfo,
) -> h.Node:
    if not found and following is None:
        return h.p(role="status")[texts.nothing]
    return [
        h.ol("#found", aria_label=texts.results)[(_hit(one, texts, zone) for one in found)]
        if found
        else h.p(role="status")[texts.nothing_yet],
        h.p(".bar")[
            h.a("#more.button", href=f"/search?{urlencode(wished.query(cursor=following))}")[
                texts.more
            ]
            if following
            else None,
            h.a(
                "#export.button",
                href=f"/v1/search/export?{_exported(wished, zone)}",
                download=True,
            )[texts.export],
        ],
    ]


def _exported(wished: Wished, zone: tzinfo) -> str:
    wanted = wished.search(zone).wanted
    named = {
        "q": wished.q,
        "person": wanted.person,
        "category": wanted.category,
        "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
        "format": "excel",
    }
    return urlencode({name: value for name, value in named.items() if value})


def _hit(one: Read, texts: SearchTexts, zone: tzinfo) -> h.Element:
    there = f"/chats/{one.chat_id}?at={one.row_id}#m{one.row_id}"
    sender = texts.shop if one.from_me else line(one.sender)
    category = texts.categories.get(one.category or "")
    return h.li[
        h.a(".row", href=there)[
            h.span(".bar")[
                h.strong(".name")[line(one.chat)],
                h.span(".faint.small.name")[sender] if sender != one.chat else None,
                h.span(".gap"),
                h.time(".faint.small", datetime=one.sent_at.isoformat())[
                    f"{one.sent_at.astimezone(zone):%d.%m.%Y %H:%M}"
                ],
            ],
            h.p(".words", dir="auto")[plain(one.text)[:_LONGEST_SHOWN]],
            h.span(".bar.small")[
                h.span(".mark")[category] if category else None,
                h.span(".mark")[texts.urgency.format(one.urgency)] if one.urgency else None,
            ],
        ]
    ]
