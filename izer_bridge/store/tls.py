"""Decides whether a MySQL connection uses TLS: always to another host, unless plaintext is allowed.

Otherwise anybody on the network path could read every message and change what is stored.
"""

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from sqlalchemy import URL, Engine, event

from izer_bridge.domain.errors import ConfigError

ALLOW_PLAINTEXT = "allow_plaintext"
_CA = "ssl_ca"


@dataclass(frozen=True, slots=True)
class Security:
    """`ca` is a file of certificates trusted in addition to, or instead of, the machine's."""

    needs_tls: bool
    ca: str | None

    def context(self) -> ssl.SSLContext | None:
        """Raises ConfigError if the certificate file cannot be read."""
        if not self.needs_tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise ConfigError(f"store.url: {_CA} = {self.ca}: {error.strerror or error}") from None

    def options(self) -> list[str]:
        """The same as an option file for the server's own programs, MariaDB's and MySQL's.

        Each program knows only its own options; `loose` makes it ignore the other's.
        """
        if not self.needs_tls:
            return []
        ca = self.ca or ssl.get_default_verify_paths().cafile
        trusted = [f'ssl-ca="{ca}"'] if ca else []
        return [*trusted, "loose-ssl-verify-server-cert", "loose-ssl-mode=VERIFY_IDENTITY"]


def security_of(url: URL) -> tuple[URL, Security]:
    """What a URL says about TLS, and the URL without those parameters."""
    ca = url.query.get(_CA)
    allowed = url.query.get(ALLOW_PLAINTEXT) == "true"
    needs_tls = not (allowed or "unix_socket" in url.query or _is_here(url.host))
    rest = url.difference_update_query([_CA, ALLOW_PLAINTEXT])
    return rest, Security(needs_tls, ca if isinstance(ca, str) else None)


def require_tls(engine: Engine, host: str) -> None:
    """Refuse a server without TLS: the driver would continue unencrypted."""

    def refuse(connection: Any, _record: object) -> None:
        if not connection.driver_connection._secure:
            raise ConfigError(
                f"store.url: the server on {host} offers no TLS; give it a certificate, or set "
                f"?{ALLOW_PLAINTEXT}=true at the URL's end where nobody else is on the way to it"
            )

    event.listen(engine, "connect", refuse)


def _is_here(host: str | None) -> bool:
    try:
        return host in (None, "", "localhost") or ip_address(host or "").is_loopback
    except ValueError:
        return False
