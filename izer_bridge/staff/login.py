"""`/login` and `/logout`: a token or a one-time link becomes a session, and ends.

A link is used by the button alone, not by opening it: chats and mail programs open what they
preview. Each login makes a new session, so nobody can prepare one for somebody else.
"""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import structlog
from aiohttp import hdrs, web
from yarl import URL

from izer_bridge.staff.known import KnownStaff
from izer_bridge.staff.member import SESSION_LASTS, NewSecret
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.staff.texts import LOGIN_TEXTS
from izer_bridge.web.access import ACCESS, check_csrf, csrf_of, digest, session_cookie
from izer_bridge.web.bodies import BODIES
from izer_bridge.web.language import language_of
from izer_bridge.web.rate_limit import RateLimit

_LARGEST_FORM = 8192
_MOST_FIELDS = 10
# Ten at once, then one in six seconds; nobody guesses 256 bits, but a log need not fill.
_PER_SECOND, _AT_ONCE = 1 / 6, 10

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoginPages:
    """For the sessions in `staff`; `known` remembers them for a moment."""

    staff: SqlStaff
    known: KnownStaff
    attempts: RateLimit = field(default_factory=lambda: RateLimit(_PER_SECOND, _AT_ONCE))

    def add_to(self, app: web.Application) -> None:
        login = app.router.add_resource("/login", name="login")
        login.add_route(hdrs.METH_GET, self.get)
        login.add_route(hdrs.METH_POST, self.post)
        app.router.add_post("/logout", self.leave, name="logout")

    async def get(self, request: web.Request) -> web.Response:
        """200 with the form; 403 where others could read what is typed."""
        if refused := _refused_in_public(request):
            return refused
        return _page(request, request.query.get("code", ""), request.query.get("next", ""))

    async def post(self, request: web.Request) -> web.Response:
        """303 with a session; 401 and the form again for a wrong or spent secret; 429."""
        if refused := _refused_in_public(request):
            return refused
        form = await _form(request)
        code, there = form.get("code", ""), form.get("next", "")
        texts = LOGIN_TEXTS[language_of(request)]
        way = request.app[ACCESS].way_in(request)
        if wait := self.attempts.seconds_to_wait(way.address, time.monotonic()):
            _log.warning("login_refused", why="too many attempts", address=way.address)
            headers = {"Retry-After": str(int(wait) + 1)}
            status = HTTPStatus.TOO_MANY_REQUESTS
            return _page(request, code, there, texts.too_often, status, headers)
        opened = await self._opened(request, code, form.get("token", "").strip())
        if opened is None:
            _log.warning("login_refused", why="unknown or spent", address=way.address)
            error = texts.spent if code else texts.unknown
            return _page(request, "", there, error, HTTPStatus.UNAUTHORIZED)
        _log.info("login", name=opened.name, role=str(opened.role), address=way.address)
        response = _moved(_own(there))
        response.set_cookie(
            session_cookie(way),
            opened.secret,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/",
            secure=way.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    async def _opened(self, request: web.Request, code: str, token: str) -> NewSecret | None:
        device = request.headers.get(hdrs.USER_AGENT, "")
        if code:
            opened = await self.staff.open_by_link(code, device)
        else:
            bridge = request.app[ACCESS].bridge_digest
            opened = await self.staff.open_by_token(token, bridge, device)
        if opened is not None:
            await self._end(_session(request))
        return opened

    async def leave(self, request: web.Request) -> web.Response:
        """303 to the login page; the session is over, in this browser and in the store."""
        session = _session(request)
        check_csrf((await _form(request)).get("csrf", ""), csrf_of(session))
        await self._end(session)
        response = _moved("/login")
        way = request.app[ACCESS].way_in(request)
        response.del_cookie(session_cookie(way), path="/", secure=way.is_secure, httponly=True)
        return response

    async def _end(self, session: str) -> None:
        if session:
            await self.staff.log_out(session)
            self.known.forget(digest(session))


def _session(request: web.Request) -> str:
    return request.cookies.get(session_cookie(request.app[ACCESS].way_in(request)), "")


async def _form(request: web.Request) -> Mapping[str, str]:
    """Its fields; one that cannot be read is as one that is missing."""
    with ExitStack() as place:
        body = await request.app[BODIES].read(request, place, _LARGEST_FORM)
    text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _moved(there: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: str(URL(there))})


def _own(there: str) -> str:
    """The page that was asked for, if it is one of ours."""
    try:
        parts = urlsplit(there)
    except ValueError:
        return "/"
    is_path = there.startswith("/") and not there.startswith("//") and there.isprintable()
    return there if is_path and "\\" not in there and not parts.netloc else "/"


def _refused_in_public(request: web.Request) -> web.Response | None:
    if request.app[ACCESS].way_in(request).is_private:
        return None
    error = LOGIN_TEXTS[language_of(request)].not_private
    return _page(request, "", "", error, HTTPStatus.FORBIDDEN, is_open=False)


def _page(
    request: web.Request,
    code: str,
    there: str,
    error: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    *,
    is_open: bool = True,
) -> web.Response:
    from izer_bridge.staff.login_page import login_page

    response = login_page(request, code, there, error, status, is_open=is_open)
    response.headers.update(headers or {})
    return response
