"""`[agents]` and `[routing]`: who is called, and for what."""

from datetime import time
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from izer_bridge.config.values import HttpUrl, SecretName, Section
from izer_bridge.domain.analysis import Category, Sentiment

_CAPABILITIES = {
    "agent_hub": ("routing", "coordination"),
    "business_workflow": ("workflow", "monitoring", "business"),
    "code_debugger": ("debug", "code", "technical"),
    "general_purpose": ("research", "analysis", "general"),
}


def _without_user(url: str) -> str:
    if "@" in urlsplit(url).netloc:
        raise ValueError("holds a user; expected none, and the name of a secret in `secrets`")
    return url


class Agent(Section):
    """One agent; an empty url is the built-in one of that name.

    Every secret signs, so that one can be replaced; one that speaks Agent2Agent gets the first.
    """

    kind: Literal["http", "a2a"] = "http"
    url: Annotated[HttpUrl, AfterValidator(_without_user)] = ""
    capabilities: tuple[str, ...] = ()
    timeout_seconds: float = Field(30.0, gt=0, le=600)
    secrets: tuple[SecretName, ...] = Field((), max_length=5)
    allow_http: bool = False

    @model_validator(mode="after")
    def _is_private(self) -> "Agent":
        parts = urlsplit(self.url)
        if parts.scheme == "http" and not self.allow_http and not _is_loopback(parts.hostname):
            raise ValueError(
                f"{self.url}: customers' messages would cross the network unencrypted; "
                "expected https://, or allow_http = true"
            )
        return self


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def capabilities_of(name: str, agent: Agent) -> tuple[str, ...]:
    """Its declared capabilities; the built-in ones' own if none are declared."""
    return agent.capabilities or _CAPABILITIES.get(name, ())


def _hours(text: str) -> str:
    try:
        read_hours(text)
    except ValueError:
        raise ValueError("expected hours such as 09:00-18:30, or 18:30-09:00") from None
    return text


def read_hours(text: str) -> tuple[time, time] | None:
    """From when until when; None for an empty text."""
    if not text:
        return None
    start, end = text.split("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


class RoutingRule(Section):
    agent: str
    categories: tuple[Category, ...] = ()
    min_urgency: int | None = Field(None, ge=1, le=10)
    keywords: tuple[str, ...] = ()
    sentiments: tuple[Sentiment, ...] = ()
    languages: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    in_group: bool | None = None
    vip: bool | None = None
    hours: Annotated[str, AfterValidator(_hours)] = ""
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()


_CODE_KEYWORDS = (
    *("api", "backend", "bug", "code", "database", "debug", "deploy", "error", "exception"),
    *("firmware", "frontend", "hata", "kod", "log", "server", "sunucu", "veritabanı", "yazılım"),
)


class Routing(Section):
    """`when_down` names the agent that stands in for one that is down; empty: messages wait."""

    when_down: str = "agent_hub"
    rules: tuple[RoutingRule, ...] = (
        RoutingRule(agent="business_workflow", categories=(Category.TECHNICAL, Category.SUPPORT)),
        RoutingRule(agent="business_workflow", min_urgency=8),
        RoutingRule(agent="code_debugger", keywords=_CODE_KEYWORDS),
        RoutingRule(agent="general_purpose"),
    )
