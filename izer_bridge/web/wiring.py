"""Builds the access rules of the HTTP interface from the settings and secrets."""

from izer_bridge.config import Config, secret, signing_secrets
from izer_bridge.domain.errors import ConfigError
from izer_bridge.web import api_token
from izer_bridge.web.access import Access
from izer_bridge.web.doors import Door
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.signature import Signatures

_SHORTEST_TOKEN = 32


def build_access(config: Config) -> Access:
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
    )
