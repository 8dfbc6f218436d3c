"""What values of several settings have in common: their checks, and the frozen section."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from izer_bridge.model.importance import person_key

AGENT_NAMES = ("agent_hub", "business_workflow", "code_debugger", "general_purpose")
_SECRET_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_STORE_SCHEMES = ("sqlite", "mysql", "mariadb")


def _store_url(url: str) -> str:
    parts = urlsplit(url)
    if url and parts.scheme not in _STORE_SCHEMES:
        allowed = ", ".join(f"{scheme}://" for scheme in _STORE_SCHEMES)
        raise ValueError(f"the scheme {parts.scheme or url!r} is unknown; allowed: {allowed}")
    if parts.scheme in ("mysql", "mariadb") and not (parts.hostname and parts.path.strip("/")):
        raise ValueError("expected mysql://user:password@host:port/database")
    return url


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("expected http://host[:port][/path] or https://…, or nothing")
    return url.rstrip("/")


def _proxy_url(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https", "socks5") and parts.hostname):
        raise ValueError("expected http://host:port, https://host:port or socks5://host:port")
    return url


def _secret_name(name: str) -> str:
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError("expected a name such as shop_secret: lower case, digits and _")
    return name


def _agent_name(name: str) -> str:
    if name not in AGENT_NAMES:
        raise ValueError(f"there is no agent {name!r}; allowed: {', '.join(AGENT_NAMES)}")
    return name


StoreUrl = Annotated[str, AfterValidator(_store_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
ProxyUrl = Annotated[str, AfterValidator(_proxy_url)]
AgentName = Annotated[str, AfterValidator(_agent_name)]
SecretName = Annotated[str, AfterValidator(_secret_name)]
Person = Annotated[str, AfterValidator(person_key)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
