"""Builds the routing rules from the settings."""

from izer_bridge.agents.routing import Hours, Rule
from izer_bridge.config.agents import Routing, RoutingRule, read_hours
from izer_bridge.domain.folding import fold
from izer_bridge.domain.importance import group_key


def rules_of(routing: Routing) -> list[Rule]:
    return [_rule_of(one) for one in routing.rules]


def _rule_of(one: RoutingRule) -> Rule:
    hours = read_hours(one.hours)
    return Rule(
        agent=one.agent,
        categories=frozenset(one.categories),
        min_urgency=one.min_urgency,
        keywords=frozenset(" ".join(fold(word).split()) for word in one.keywords),
        sentiments=frozenset(one.sentiments),
        languages=frozenset(language.casefold() for language in one.languages),
        groups=frozenset(group_key(group) for group in one.groups),
        in_group=one.in_group,
        vip=one.vip,
        hours=None if hours is None else Hours(*hours),
        days=frozenset(one.days),
    )
