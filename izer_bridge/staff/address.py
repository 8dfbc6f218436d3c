"""Where people open the pages, and the link that lets one in."""

from ipaddress import ip_address
from urllib.parse import urlencode

from izer_bridge.config.api import Api
from izer_bridge.host.address import own_address
from izer_bridge.staff.member import NewSecret


def login_address(there: str, link: NewSecret) -> str:
    """`there` is what `page_address` says."""
    return f"{there}/login?{urlencode({'code': link.secret})}"


def page_address(api: Api) -> str:
    """Where people open the pages: over TLS where it is set up."""
    name = api.allowed_hosts[0] if api.allowed_hosts else ""
    if api.tls_certificate:
        return f"https://{name or _written(own_address())}:{api.tls_port}"
    if api.trusted_proxies and name:
        return f"https://{name}"
    return f"http://{'127.0.0.1' if not api.is_on_loopback else _written(api.host)}:{api.port}"


def _written(host: str) -> str:
    is_name = host == "localhost"
    return host if is_name or ip_address(host).version == 4 else f"[{host}]"
