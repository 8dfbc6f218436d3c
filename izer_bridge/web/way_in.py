"""How a request has come: from whose address, and whether others could have read it on its way."""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web

_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", hdrs.FORWARDED, "Via")


@dataclass(frozen=True, slots=True)
class WayIn:
    """`is_local`: it comes from this machine; `is_private`: nobody else could read it on its way.

    What asks for another name than this machine's own has perhaps come through a tunnel or a proxy
    that says nothing of itself.
    """

    address: str
    is_secure: bool
    is_local: bool
    is_private: bool


def way_in(request: web.Request, proxies: Collection[str]) -> WayIn:
    """Only what one of the `proxies` says of the way before it is believed.

    A request that a proxy has passed on, trusted or not, is never local.
    """
    peer = plain_address(request.remote or "")
    address, is_secure = peer, request.secure
    if peer in proxies:
        told = request.headers.getall("X-Forwarded-For", [])
        address = plain_address(",".join(told).rpartition(",")[2].strip()) or peer
        is_secure = is_secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    is_passed_on = any(name in request.headers for name in _FORWARDED)
    is_local = _is_loopback(peer) and not is_passed_on
    return WayIn(address, is_secure, is_local, is_secure or (is_local and _asks_for_here(request)))


def _asks_for_here(request: web.Request) -> bool:
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return False
    return host == "localhost" or _is_loopback(plain_address(host))


def plain_address(text: str) -> str:
    """In its one spelling; empty if it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_loopback(address: str) -> bool:
    return bool(address) and ip_address(address).is_loopback
