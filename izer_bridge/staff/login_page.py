"""The login page. Loads htpy, so import it within a handler."""

from http import HTTPStatus

import htpy as h
from aiohttp import web

from izer_bridge.staff.texts import LOGIN_TEXTS, LoginTexts
from izer_bridge.web.language import language_of
from izer_bridge.web.page import page


def login_page(
    request: web.Request,
    code: str,
    there: str,
    error: str,
    status: HTTPStatus,
    *,
    is_open: bool,
) -> web.Response:
    """The form for a link's `code`, or for a token; none where it is not `is_open`."""
    texts = LOGIN_TEXTS[language_of(request)]
    return page(
        request,
        texts.title,
        h.h1[texts.title],
        error and h.p(".error", role="alert")[error],
        is_open and _form(texts, code, there),
        status=status,
    )


def _form(texts: LoginTexts, code: str, there: str) -> h.Element:
    return h.form("#login", method="post", action="/login")[
        h.input(type="hidden", name="next", value=there),
        _by_link(texts, code) if code else _by_token(texts),
        h.button(type="submit")[texts.enter],
    ]


def _by_link(texts: LoginTexts, code: str) -> h.Node:
    return [h.p[texts.by_link], h.input(type="hidden", name="code", value=code)]


def _by_token(texts: LoginTexts) -> h.Node:
    return [
        h.label(for_="token")[texts.what],
        h.input(
            "#token",
            name="token",
            type="password",
            autocomplete="current-password",
            required=True,
            autofocus=True,
        ),
        h.p[texts.how],
    ]
