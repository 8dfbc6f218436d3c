"""Builds the access rules of the HTTP interface from the settings and secrets."""

from izer_bridge.config import Config, secret, signing_secrets
from izer_bridge.domain.errors import ConfigError
from izer_bridge.web import api_token
from izer_bridge.web.access import Access, Credentials
from izer_bridge.web.doors import Door
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.signature import Signatures
from izer_bridge.web.tls import Certificate, TlsSocket

_SHORTEST_TOKEN = 32
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - TLS alone listens there, and asks who it is


def build_access(config: Config, people: Credentials | None = None) -> Access:
    """The token is created at the first start, so that it is there when somebody asks for it.

    Raises ConfigError.
    """
    api = config.api
    token = secret("bridge_api_token") or api_token.kept_token(config.state_dir)
    if len(token.get_secret_value()) < _SHORTEST_TOKEN:
        raise ConfigError(f"the API's token is shorter than {_SHORTEST_TOKEN} characters")
    secrets = signing_secrets(api.webhook_secrets)
    return Access(
        token=token,
        is_open_here=not api.needs_token,
        webhook=Door.TOKEN if api.webhook == "token" else Door.HERE,
        host_names=frozenset(api.allowed_hosts),
        signatures=Signatures(secrets) if secrets else None,
        limit=RateLimit(api.requests_per_second),
        people=people,
        proxies=frozenset(api.trusted_proxies),
    )


def build_tls(config: Config) -> TlsSocket | None:
    """None without a certificate. Raises ConfigError for one that cannot be used."""
    api = config.api
    if not api.tls_certificate:
        return None
    return TlsSocket(_EVERYWHERE, api.tls_port, Certificate(api.tls_certificate, api.tls_key))
