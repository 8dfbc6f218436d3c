"""Chooses a message's agent: the customer's or group's own, else the first matching rule's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from izer_bridge.domain.analysis import Analysis, Category, Sentiment
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.keyword import keywords_in

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` until before `end`; past midnight if it ends before it starts."""

    start: time
    end: time

    def __contains__(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Rule:
    """All given conditions must hold; an empty rule matches everything.

    `keywords` are folded as `Facts.text` is; `groups` are `group_key`s; `days` of `DAYS`.
    """

    agent: str
    categories: frozenset[Category] = frozenset()
    min_urgency: int | None = None
    keywords: frozenset[str] = frozenset()
    sentiments: frozenset[Sentiment] = frozenset()
    languages: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    in_group: bool | None = None
    vip: bool | None = None
    hours: Hours | None = None
    days: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """The message's properties that rules check.

    `text` is folded; `group` holds the names that a rule may use for the chat: a group's JID and
    its folded name. `at` is when the message was sent, by the shop's clock.
    """

    text: str
    analysis: Analysis
    is_vip: bool
    is_group: bool
    group: Collection[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule applied to one message; `what` describes what was found."""

    holds: bool
    what: str


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


def route(rules: Sequence[Rule], facts: Facts) -> Route:
    """The first matching rule's agent. Raises LookupError if no rule matches."""
    for rule in rules:
        found = checks(rule, facts)
        if all(check.holds for check in found):
            return Route(rule.agent, " and ".join(check.what for check in found) or "default")
    raise LookupError("no routing rule matches; the last rule should have no condition")


def around(chosen: Route, fallback: str, down: Collection[str]) -> Route:
    """Past an agent that is down to its stand-in; to nobody else if that is down too."""
    if chosen.agent not in down or not fallback or fallback in down:
        return chosen
    return Route(fallback, f"{chosen.agent} is down; {chosen.reason}")


def checks(rule: Rule, facts: Facts) -> list[Check]:
    """The result of each of the rule's conditions."""
    return [*_of_analysis(rule, facts.analysis), *_of_chat(rule, facts), *_of_time(rule, facts)]


def _of_analysis(rule: Rule, analysis: Analysis) -> list[Check]:
    found = []
    if rule.categories:
        found.append(_one_of("category", analysis.category, rule.categories))
    if rule.min_urgency is not None:
        holds = analysis.urgency_score >= rule.min_urgency
        sign = ">=" if holds else "<"
        found.append(Check(holds, f"urgency {analysis.urgency_score} {sign} {rule.min_urgency}"))
    if rule.sentiments:
        found.append(_one_of("sentiment", analysis.sentiment, rule.sentiments))
    if rule.languages:
        found.append(_one_of("language", analysis.language or "unknown", rule.languages))
    return found


def _of_chat(rule: Rule, facts: Facts) -> list[Check]:
    found = []
    if rule.keywords:
        there = keywords_in(facts.text, rule.keywords)
        what = f"keyword {', '.join(there)}" if there else "no keyword"
        found.append(Check(bool(there), what))
    if rule.groups:
        named = sorted(rule.groups.intersection(facts.group))
        found.append(Check(bool(named), f"group {named[0]}" if named else "another chat"))
    if rule.in_group is not None:
        what = "in a group" if facts.is_group else "in a direct chat"
        found.append(Check(rule.in_group is facts.is_group, what))
    if rule.vip is not None:
        what = "important customer" if facts.is_vip else "no important customer"
        found.append(Check(rule.vip is facts.is_vip, what))
    return found


def _of_time(rule: Rule, facts: Facts) -> list[Check]:
    found = []
    if rule.hours is not None:
        holds = facts.at.time() in rule.hours
        where = "within" if holds else "outside"
        found.append(Check(holds, f"{facts.at:%H:%M} {where} {rule.hours}"))
    if rule.days:
        found.append(_one_of("day", DAYS[facts.at.weekday()], rule.days))
    return found


def _one_of(what: str, value: str, allowed: Collection[str]) -> Check:
    if value in allowed:
        return Check(True, f"{what} {value}")
    return Check(False, f"{what} {value} is not {' or '.join(sorted(allowed))}")
