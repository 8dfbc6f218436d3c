"""What the values of several settings share: their checks, and the frozen section."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from izer_bridge.domain.identity import normalise_number
from izer_bridge.domain.importance import person_key

AGENT_NAMES = ("agent_hub", "business_workflow", "code_debugger", "general_purpose")
_SECRET_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_STORE_SCHEMES = ("sqlite", "mysql", "mariadb")


def _parts(url: str) -> SplitResult:
    """Python's own error for an invalid URL quotes it, including the password in it."""
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("it is no URL") from None


def _store_url(url: str) -> str:
    parts = _parts(url)
    if url and parts.scheme not in _STORE_SCHEMES:
        allowed = ", ".join(f"{scheme}://" for scheme in _STORE_SCHEMES)
        raise ValueError(f"the scheme {parts.scheme!r} is unknown; allowed: {allowed}")
    if parts.scheme in ("mysql", "mariadb") and not (parts.hostname and parts.path.strip("/")):
        raise ValueError("expected mysql://user:password@host:port/database")
    return url


def _http_url(url: str) -> str:
    parts = _parts(url)
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("expected http://host[:port][/path] or https://…, or nothing")
    return url.rstrip("/")


def _proxy_url(url: str) -> str:
    parts = _parts(url)
    if url and not (parts.scheme in ("http", "https", "socks5") and parts.hostname):
        raise ValueError("expected http://host:port, https://host:port or socks5://host:port")
    return url


def _phone_number(text: str) -> str:
    return normalise_number(text) if text else ""


def _secret_name(name: str) -> str:
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError("expected a name such as shop_secret: lower case, digits and _")
    return name


def _age_key(text: str) -> str:
    if not _AGE_KEY.fullmatch(text):
        raise ValueError("expected a public key of age: age1 and 58 characters; see age-keygen -y")
    return text


def _optional_person(text: str) -> str:
    return person_key(text) if text else ""


StoreUrl = Annotated[str, AfterValidator(_store_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
ProxyUrl = Annotated[str, AfterValidator(_proxy_url)]
PhoneNumber = Annotated[str, AfterValidator(_phone_number)]
SecretName = Annotated[str, AfterValidator(_secret_name)]
Person = Annotated[str, AfterValidator(person_key)]
AgeKey = Annotated[str, AfterValidator(_age_key)]
OptionalPerson = Annotated[str, AfterValidator(_optional_person)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
