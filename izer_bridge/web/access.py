"""Access control for the HTTP interface: checked before any route, the same way for all of them."""

import hashlib
import hmac
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import quote, urlsplit

from aiohttp import hdrs, web
from pydantic import SecretStr

from izer_bridge.web.caller import BRIDGE, CALLER, Caller, Role
from izer_bridge.web.doors import Door, door, is_for_staff, open_to
from izer_bridge.web.problems import ProblemError
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.signature import Signatures
from izer_bridge.web.way_in import WayIn, way_in

_FROM_HERE = frozenset({"same-origin", "none"})
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

CSRF_HEADER = "X-CSRF-Token"
STAFF_TOKEN = "izer_staff_"  # noqa: S105 - what each of them begins with
_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_PUBLIC = (
    "a staff token, and the pages, are for this machine or TLS alone; set api.tls_certificate and "
    "api.tls_key, or put a reverse proxy with TLS before the bridge and name it in "
    "api.trusted_proxies"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Credentials(Protocol):
    """Tokens and sessions of people, by the SHA-256 of their secrets. Raises TransientError."""

    def is_known(self, digest: str) -> bool:
        """Whether it let somebody in lately, so that no rate limit binds it."""
        ...

    async def of_token(self, digest: str) -> Caller | None: ...

    async def of_session(self, digest: str, bridge: str) -> Caller | None:
        """`bridge` is the digest of the bridge's own token, which may have opened it."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """The requirements for a request. Without a token anybody who reaches the socket may ask.

    `host_names` are the names, besides localhost, that the interface answers to; addresses need no
    listing, since a page that rebinds its name to ours sends that name. `signatures` replace the
    token on `POST /webhook`, whose door is `webhook`. If it `is_open_here`, only routes that show a
    person's words or decide anything ask for the token. `people` come in with tokens and sessions
    of their own. What one of the `proxies` says of a request's way is believed.
    """

    token: SecretStr | None = None
    is_open_here: bool = False
    webhook: Door = Door.HERE
    host_names: frozenset[str] = frozenset()
    signatures: Signatures | None = None
    limit: RateLimit = field(default_factory=lambda: RateLimit(0))
    people: Credentials | None = None
    proxies: frozenset[str] = frozenset()

    @property
    def may_leave_loopback(self) -> bool:
        return self.token is not None and not self.is_open_here

    @property
    def _webhook(self) -> Door:
        return self.webhook if self.signatures is None else Door.SIGNED

    @property
    def open_to(self) -> Mapping[str, str]:
        """See `doors.open_to`; empty if nobody is asked for anything."""
        if self.token is None:
            return {}
        return open_to(is_open_here=self.is_open_here, webhook=self._webhook)

    def is_granted(self, request: web.Request) -> bool:
        """Whether the request may see what is open on loopback only."""
        return self._is_open(request) or self._has_token(request)

    def _is_open(self, request: web.Request) -> bool:
        """Whether it may see that for coming from this machine; over a proxy none does."""
        return self.is_open_here and self.way_in(request).is_local

    def _has_token(self, request: web.Request) -> bool:
        """Also true if there is no token."""
        return self.token is None or self.is_bridges(_bearer(request))

    def is_bridges(self, token: str) -> bool:
        """Whether it is the bridge's own token."""
        return hmac.compare_digest(digest(token).encode(), self.bridge_digest.encode())

    @property
    def bridge_digest(self) -> str:
        return digest(self.token.get_secret_value()) if self.token is not None else ""

    def way_in(self, request: web.Request) -> WayIn:
        return way_in(request, self.proxies)

    async def caller(self, request: web.Request, now: float) -> Caller | None:
        """Who asks; None where that is not asked. `now` in monotonic seconds.

        Raises ProblemError for a request that may not continue, HTTPSeeOther for a browser that
        must log in first. The rate limit binds neither a monitor nor somebody known: a stranger at
        the same address, as all behind one proxy are, could shut them out.
        """
        self._check_host(request)
        name = request.match_info.route.name
        asked = door(name, self._webhook)
        _check_origin(request, asked)
        if asked is Door.OPEN:
            return None
        if self.token is not None and self._has_token(request):
            return BRIDGE
        secret = self._secret(request, asked)
        if self.people is None or not self.people.is_known(digest(secret)):
            self._check_rate(request, now)
        if asked in (Door.SIGNED, Door.LOGIN):  # a signature is checked where the body is read
            return None
        if self.token is None:
            return BRIDGE
        caller = await self._person(request, secret)
        if caller is None and not (asked is Door.HERE and self._is_open(request)):
            raise _unknown(request, asked)
        if caller is not None and not is_for_staff(name) and not caller.role.covers(Role.OWNER):
            raise ProblemError(HTTPStatus.FORBIDDEN, f"this is not for the role {caller.role}")
        return caller

    def _secret(self, request: web.Request, asked: Door) -> str:
        """Of a staff token, else of a session; empty without any."""
        bearer = _bearer(request)
        if bearer or asked is Door.SIGNED:
            return bearer if bearer.startswith(STAFF_TOKEN) else ""
        return request.cookies.get(session_cookie(self.way_in(request)), "")

    async def _person(self, request: web.Request, secret: str) -> Caller | None:
        if not secret or self.people is None:
            return None
        if not self.way_in(request).is_private:
            if door(request.match_info.route.name, self._webhook) is Door.PAGE:
                return None  # the login page says it in the reader's language
            raise ProblemError(HTTPStatus.FORBIDDEN, _PUBLIC)
        if _bearer(request):
            return await self.people.of_token(digest(secret))
        caller = await self.people.of_session(digest(secret), self.bridge_digest)
        if caller is None:
            return None
        csrf = csrf_of(secret)
        if request.method not in _SAFE and request.match_info.route.name != LOGOUT:
            check_csrf(request.headers.get(CSRF_HEADER, ""), csrf)
        return replace(caller, csrf=csrf)

    def _check_host(self, request: web.Request) -> None:
        host = _name_in(request.headers.get(hdrs.HOST, ""))
        if not (host == "localhost" or host in self.host_names or _is_address(host)):
            raise ProblemError(
                HTTPStatus.MISDIRECTED_REQUEST,
                "the bridge does not answer to the name in the header Host; see api.allowed_hosts",
            )

    def _check_rate(self, request: web.Request, now: float) -> None:
        if wait := self.limit.seconds_to_wait(self.way_in(request).address, now):
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many requests of this address; see api.requests_per_second",
                headers={"Retry-After": str(math.ceil(wait))},
            )


ANYBODY = Access()
ACCESS = web.AppKey("access", Access)
LOGOUT = "logout"  # its form brings the value of its session itself


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only requests through that satisfy the application's `ACCESS`."""
    caller = await request.app[ACCESS].caller(request, time.monotonic())
    if caller is not None:
        request[CALLER] = caller
    return await handler(request)


def session_cookie(way: WayIn) -> str:
    """Its name; over TLS no page on another port or of another name can set one like it."""
    return "__Host-izer_session" if way.is_secure else "izer_session"


def csrf_of(session: str) -> str:
    """What each write of a session must carry, and no other site can know."""
    return digest(f"csrf {session}")


def check_csrf(given: str, wanted: str) -> None:
    """Raises ProblemError for a write that another site may have made the browser send."""
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode()):
        raise ProblemError(
            HTTPStatus.FORBIDDEN,
            f"the header {CSRF_HEADER} must hold the session's value; load the page again",
        )


def _unknown(request: web.Request, asked: Door) -> Exception:
    """A script of a page is told so, since it would take the login page for what it asked."""
    is_opened = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if asked is Door.PAGE and is_opened and request.method in _SAFE:
        return web.HTTPSeeOther(f"/login?next={quote(request.path_qs, safe='')}")
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "the header `Authorization: Bearer TOKEN` must hold the token of this bridge",
        headers={"WWW-Authenticate": 'Bearer realm="izer-bridge"'},
    )


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    """Close what browsers leave open; a route that needs more sets its own header before."""
    response.headers["Server"] = "izer-bridge"
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _check_origin(request: web.Request, asked: Door) -> None:
    """Another site's page must not use the reader's browser to reach us.

    It may lead there: a link to a page, in a chat or an e-mail, is opened by its reader.
    """
    origin = request.headers.get(hdrs.ORIGIN)
    is_own = origin is None or origin.lower().partition("://")[2] == request.host.lower()
    if is_own and request.headers.get("Sec-Fetch-Site", "none") in _FROM_HERE:
        return
    is_opened = (
        request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    if not (asked in (Door.PAGE, Door.LOGIN) and is_opened and request.method in _SAFE):
        raise ProblemError(HTTPStatus.FORBIDDEN, "requests from pages of other sites are refused")


def _bearer(request: web.Request) -> str:
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _name_in(host: str) -> str:
    """The name or address in `name[:port]`; empty if it is invalid."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def digest(secret: str) -> str:
    """How secrets are kept and compared."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
