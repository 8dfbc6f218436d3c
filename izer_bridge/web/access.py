"""Access control for the HTTP interface: checked before any route, the same way for all of them."""

import hashlib
import hmac
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from pydantic import SecretStr

from izer_bridge.web.doors import Door, door, open_to
from izer_bridge.web.problems import ProblemError
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.signature import Signatures

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

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Access:
    """The requirements for a request. Without a token anybody who reaches the socket may ask.

    `host_names` are the names, besides localhost, that the interface answers to; addresses need no
    listing, since a page that rebinds its name to ours sends that name. `signatures` replace the
    token on `POST /webhook`, whose door is `webhook`. If it `is_open_here`, only routes that show a
    person's words or decide anything ask for the token.
    """

    token: SecretStr | None = None
    is_open_here: bool = False
    webhook: Door = Door.HERE
    host_names: frozenset[str] = frozenset()
    signatures: Signatures | None = None
    limit: RateLimit = field(default_factory=lambda: RateLimit(0))

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
        return self.is_open_here or self._has_token(request)

    def _has_token(self, request: web.Request) -> bool:
        """Also true if there is no token."""
        if self.token is None:
            return True
        scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        wanted = self.token.get_secret_value()
        is_same = hmac.compare_digest(_digest(given.strip()), _digest(wanted))
        return is_same and scheme.lower() == "bearer"

    def check(self, request: web.Request, now: float) -> None:
        """Raises ProblemError for a request that may not continue; `now` in monotonic seconds.

        The rate limit binds neither a monitor nor the token's holder: a stranger at the same
        address, as all behind one proxy are, could shut them out.
        """
        self._check_host(request)
        _check_origin(request)
        name = request.match_info.route.name
        asked = door(name, self._webhook)
        holds_token = self.token is not None and self._has_token(request)
        if asked is not Door.OPEN and not holds_token:
            self._check_rate(request, now)
        if not self._is_let_in(request, asked):
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "the header `Authorization: Bearer TOKEN` must hold the token of this bridge",
                headers={"WWW-Authenticate": 'Bearer realm="izer-bridge"'},
            )

    def _is_let_in(self, request: web.Request, asked: Door) -> bool:
        """A signature is checked where the body is read."""
        if asked in (Door.OPEN, Door.SIGNED):
            return True
        return self.is_granted(request) if asked is Door.HERE else self._has_token(request)

    def _check_host(self, request: web.Request) -> None:
        host = _name_in(request.headers.get(hdrs.HOST, ""))
        if not (host == "localhost" or host in self.host_names or _is_address(host)):
            raise ProblemError(
                HTTPStatus.MISDIRECTED_REQUEST,
                "the bridge does not answer to the name in the header Host; see api.allowed_hosts",
            )

    def _check_rate(self, request: web.Request, now: float) -> None:
        if wait := self.limit.seconds_to_wait(request.remote or "", now):
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many requests of this address; see api.requests_per_second",
                headers={"Retry-After": str(math.ceil(wait))},
            )


ANYBODY = Access()
ACCESS = web.AppKey("access", Access)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only requests through that satisfy the application's `ACCESS`."""
    request.app[ACCESS].check(request, time.monotonic())
    return await handler(request)


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    """Close what browsers leave open; a route that needs more sets its own header before."""
    response.headers["Server"] = "izer-bridge"
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _check_origin(request: web.Request) -> None:
    """Another site's page must not use the reader's browser to reach us."""
    origin = request.headers.get(hdrs.ORIGIN)
    is_own = origin is None or origin.lower().partition("://")[2] == request.host.lower()
    if not is_own or request.headers.get("Sec-Fetch-Site", "none") not in _FROM_HERE:
        raise ProblemError(HTTPStatus.FORBIDDEN, "requests from pages of other sites are refused")


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


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
