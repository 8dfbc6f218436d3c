"""A problem as a person reads it who has opened a page. Loads htpy, so import it when one has."""

from http import HTTPStatus

import htpy as h
from aiohttp import web

from izer_bridge.web.language import Language, language_of
from izer_bridge.web.page import page
from izer_bridge.web.problems import ProblemError

_SAID = {
    Language.TR: {
        HTTPStatus.NOT_FOUND: "Böyle bir sayfa yok.",
        HTTPStatus.FORBIDDEN: "Buna izniniz yok ya da adres güvenli değil.",
        HTTPStatus.TOO_MANY_REQUESTS: "Çok fazla istek oldu. Birazdan yeniden deneyin.",
        HTTPStatus.SERVICE_UNAVAILABLE: "Veritabanına şu anda ulaşılamıyor. Mesajlar kaybolmaz; "
        "birazdan yeniden deneyin.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "Köprü bu sayfada hata yaptı. Mesajlar etkilenmedi.",
    },
    Language.EN: {
        HTTPStatus.NOT_FOUND: "There is no such page.",
        HTTPStatus.FORBIDDEN: "You may not do this, or the address is not a safe one.",
        HTTPStatus.TOO_MANY_REQUESTS: "Too many requests. Try again in a moment.",
        HTTPStatus.SERVICE_UNAVAILABLE: "The database cannot be reached now. No message is lost; "
        "try again in a moment.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "The bridge failed on this page. Messages are not "
        "affected.",
    },
}
_TITLE = {Language.TR: "Bu sayfa açılamadı", Language.EN: "This page cannot be shown"}
_HOME = {Language.TR: "Panoya dön", Language.EN: "Back to the board"}


def problem_page(request: web.Request, problem: ProblemError) -> web.Response:
    """What happened in the reader's language, and its detail as programs get it."""
    language = language_of(request)
    title = _TITLE[language]
    response = page(
        request,
        title,
        h.h1[title],
        h.p[_SAID[language].get(problem.status)],
        h.p(".faint", lang="en")[problem.detail],
        h.p[h.a(href="/")[_HOME[language]]],
        status=problem.status,
    )
    response.headers.update(problem.headers)
    return response
