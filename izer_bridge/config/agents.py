"""`[agents]` and `[routing]`: who is called, and for what."""

from pydantic import Field

from izer_bridge.config.values import HttpUrl, Section
from izer_bridge.model.analysis import Category
from izer_bridge.model.routing import Rule


class Agent(Section):
    """One agent; an empty url is the built-in one of that name."""

    url: HttpUrl = ""
    timeout_seconds: float = Field(30.0, gt=0, le=600)


class RoutingRule(Section):
    agent: str
    categories: tuple[Category, ...] = ()
    min_urgency: int | None = Field(None, ge=1, le=10)
    keywords: tuple[str, ...] = ()

    def as_rule(self) -> Rule:
        return Rule(
            agent=self.agent,
            categories=frozenset(self.categories),
            min_urgency=self.min_urgency,
            keywords=frozenset(word.casefold() for word in self.keywords),
        )


_CODE_KEYWORDS = (
    *("api", "backend", "bug", "code", "database", "debug", "deploy", "error", "exception"),
    *("firmware", "frontend", "hata", "kod", "log", "server", "sunucu", "veritabanı", "yazılım"),
)


class Routing(Section):
    rules: tuple[RoutingRule, ...] = (
        RoutingRule(agent="business_workflow", categories=(Category.TECHNICAL, Category.SUPPORT)),
        RoutingRule(agent="business_workflow", min_urgency=8),
        RoutingRule(agent="code_debugger", keywords=_CODE_KEYWORDS),
        RoutingRule(agent="general_purpose"),
    )
