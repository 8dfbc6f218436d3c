"""Whether a MySQL server is spoken to in TLS: on another host always, unless that is allowed.

Whoever is on the way would else read every message, and change what is stored.
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
    """`ca` is a file of certificates that are trusted beside, or rather than, the machine's."""

    needs_tls: bool
    ca: str | None

    def context(self) -> ssl.SSLContext | None:
        """Raises ConfigError where the file of certificates cannot be read."""
        if not self.needs_tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise ConfigError(f"store.url: {_CA} = {self.ca}: {error.strerror or error}") from None

    def options(self) -> list[str]:
        """The same for an option file of the server's own programs: MariaDB's and MySQL's.

        Each knows only its own; `loose` lets the other's pass.
        """
        if not self.needs_tls:
            return []
        ca = self.ca or ssl.get_default_verify_paths().cafile
        trusted = [f'ssl-ca="{ca}"'] if ca else []
        return [*trusted, "loose-ssl-verify-server-cert", "loose-ssl-mode=VERIFY_IDENTITY"]


def security_of(url: URL) -> tuple[URL, Security]:
    """What an URL says of it, and the URL without that."""
    ca = url.query.get(_CA)
    allowed = url.query.get(ALLOW_PLAINTEXT) == "true"
    needs_tls = not (allowed or "unix_socket" in url.query or _is_here(url.host))
    rest = url.difference_update_query([_CA, ALLOW_PLAINTEXT])
    return rest, Security(needs_tls, ca if isinstance(ca, str) else None)


def require_tls(engine: Engine, host: str) -> None:
    """Refuse a server that offers none: the driver would go on without."""

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
