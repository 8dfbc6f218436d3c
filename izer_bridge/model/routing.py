"""Which agent a message goes to: somebody important's own, else the first matching rule's."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from izer_bridge.model.analysis import Analysis, Category
from izer_bridge.model.importance import Importance


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions that are given must hold; an empty rule matches everything."""

    agent: str
    categories: frozenset[Category] = frozenset()
    min_urgency: int | None = None
    keywords: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes, and the sentence that says why."""

    agent: str
    reason: str


def preferred_route(importance: Importance, agents: Collection[str]) -> Route | None:
    """To the customer's agent, else to the group's; only to one of `agents`."""
    for agent, whose in importance.preferred_agents:
        if agent in agents:
            return Route(agent, f"preferred agent of the {whose}")
    return None


def route(rules: Sequence[Rule], analysis: Analysis, text: str) -> Route:
    """The first matching rule's agent. Raises LookupError when no rule matches."""
    words = set(re.findall(r"\w+", text.casefold()))
    for rule in rules:
        reason = _match(rule, analysis, words)
        if reason is not None:
            return Route(rule.agent, reason)
    raise LookupError("no routing rule matches; the last rule should have no condition")


def _match(rule: Rule, analysis: Analysis, words: set[str]) -> str | None:
    reasons = []
    if rule.categories:
        if analysis.category not in rule.categories:
            return None
        reasons.append(f"category {analysis.category}")
    if rule.min_urgency is not None:
        if analysis.urgency_score < rule.min_urgency:
            return None
        reasons.append(f"urgency {analysis.urgency_score} >= {rule.min_urgency}")
    if rule.keywords:
        found = sorted(rule.keywords & words)
        if not found:
            return None
        reasons.append(f"keyword {', '.join(found)}")
    return " and ".join(reasons) or "default"
