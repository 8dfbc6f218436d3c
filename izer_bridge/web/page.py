"""The shell of every page: head, navigation, language. Loads htpy, so import it within a handler.

No inline script, style or `style=` attribute passes the policy; inline SVG does.
"""

from collections.abc import Mapping
from types import MappingProxyType

import htpy as h
from aiohttp import web

from izer_bridge.web.caller import CALLER, Role
from izer_bridge.web.doors import is_for_staff
from izer_bridge.web.language import COOKIE, PARAMETER, Language, chosen, language_of
from izer_bridge.web.page_texts import PAGE_TEXTS, PageTexts
from izer_bridge.web.static_files import address

_YEAR_SECONDS = 365 * 24 * 3600
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
        " base-uri 'none'"
    ),
    # Under `no-referrer` browsers send a form with `Origin: null`, which is another site's.
    "Referrer-Policy": "same-origin",
}


def page(
    request: web.Request,
    title: str,
    *content: h.Node,
    why_not: Mapping[str, str] = MappingProxyType({}),
    status: int = 200,
) -> web.Response:
    """A whole page. The navigation shows those sections that the application has, to whom it knows.

    `data-csrf` is what a browser's writes must carry; `why_not` are sentences for what a problem
    document calls `why`.
    """
    language, caller = language_of(request), request.get(CALLER)
    texts = PAGE_TEXTS[language]
    csrf = caller and caller.csrf
    document = h.html(lang=language)[
        _head(title),
        h.body(
            {f"data-{why}": sentence for why, sentence in why_not.items()},
            data_csrf=csrf,
            data_first=texts.first,
            data_overtaken=texts.overtaken,
            data_refused=texts.refused,
        )[
            h.a(".skip", href="#main")[texts.skip],
            h.header(".top")[
                _navigation(request, texts, caller.role) if caller else h.span(".gap"),
                _language_switch(request, language),
                _leave(csrf, texts) if csrf else None,
            ],
            h.p("#away", role="alert", hidden=True)[texts.away],
            h.main("#main", tabindex="-1")[content],
            h.p("#news", role="status"),
        ],
    ]
    response = web.Response(
        text=str(document), content_type="text/html", status=status, headers=HEADERS
    )
    if chosen(request):
        response.set_cookie(COOKIE, language, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax")
    return response


def _head(title: str) -> h.Element:
    return h.head[
        h.meta(charset="utf-8"),
        h.meta(name="viewport", content="width=device-width, initial-scale=1"),
        h.meta(name="color-scheme", content="light dark"),
        h.title[f"{title} · izer-bridge"],
        h.link(rel="icon", href=address("icon.svg")),
        h.link(rel="stylesheet", href=address("page.css")),
        h.script(type="module", src=address("page.js")),
    ]


def _navigation(request: web.Request, texts: PageTexts, role: Role) -> h.Element:
    routes, here = request.app.router.named_resources(), request.match_info.route.name
    return h.nav(aria_label=texts.navigation)[
        (
            h.a(href=str(routes[route].url_for()), aria_current="page" if route == here else None)[
                name
            ]
            for route, name in texts.sections.items()
            if route in routes and (is_for_staff(route) or role.covers(Role.OWNER))
        )
    ]


def _leave(csrf: str, texts: PageTexts) -> h.Element:
    return h.form(method="post", action="/logout")[
        h.input(type="hidden", name="csrf", value=csrf), h.button[texts.leave]
    ]


def _language_switch(request: web.Request, language: Language) -> h.Element:
    other = Language.EN if language is Language.TR else Language.TR
    there = request.rel_url.update_query({PARAMETER: other})
    return h.a(href=str(there), hreflang=other, lang=other)[PAGE_TEXTS[language].other_language]
