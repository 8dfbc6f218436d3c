"""`[events]`: who receives events, and by which secret they verify them."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from izer_bridge.config.values import HttpUrl, SecretName, Section
from izer_bridge.domain.event import EVERY_TYPE, EventType, Subscriptions


def _not_empty(url: str) -> str:
    if not url:
        raise ValueError("expected https://host[:port][/path]")
    return url


class Target(Section):
    """One URL. `types` empty is all of them; every secret signs, so that one can be replaced."""

    name: SecretName
    url: Annotated[HttpUrl, AfterValidator(_not_empty)]
    secrets: tuple[SecretName, ...] = Field(min_length=1, max_length=5)
    types: tuple[EventType, ...] = ()
    timeout_seconds: float = Field(15.0, gt=0, le=60)
    allow_http: bool = False

    @model_validator(mode="after")
    def _is_safe(self) -> "Target":
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not self.allow_http and not _is_loopback(parts.hostname):
            raise ValueError(
                f"target {self.name}: beyond this machine customers' words need https; "
                "allow_http = true sends them open"
            )
        return self


class Events(Section):
    texts: bool = True
    targets: tuple[Target, ...] = ()

    @property
    def subscriptions(self) -> Subscriptions:
        wanted = {one.name: frozenset(one.types) or EVERY_TYPE for one in self.targets}
        return Subscriptions(wanted, self.texts)

    @model_validator(mode="after")
    def _has_one_of_each_name(self) -> "Events":
        names = [one.name for one in self.targets]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two targets have the name {name}")
        return self


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
