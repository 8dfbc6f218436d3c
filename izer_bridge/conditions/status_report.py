"""The bridge's state as sentences for the operator; pure, and without texts and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any

from izer_bridge.domain.condition import (
    EXIT_ERROR,
    Condition,
    ConditionName,
    Severity,
    exit_code,
)
from izer_bridge.domain.counted import counted
from izer_bridge.domain.durations import in_two_units
from izer_bridge.domain.quoted_text import excerpt

_LONGEST_NAME = 80
_UNITS = ("s", "min", "h", "d")


class Attention(StrEnum):
    """Whether a sentence asks for action."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sentence:
    mark: Attention
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """What the files of a bridge that does not answer say.

    `inbox_depth` is None if no inbox can be read, `is_linked` whether the session knows a number.
    """

    state_dir: str
    is_linked: bool
    inbox_depth: int | None


@dataclass(frozen=True, slots=True)
class Endangered:
    """Who has reported danger, and since when (UTC) no person has answered."""

    escalation: int
    who: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A group with a critical group's name that may or may not be the shop's."""

    jid: str
    name: str


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """`health` and `stats` as the bridge's HTTP interface returns them.

    `conditions` are what is wrong, the worst first. `stats` are the store's own if the bridge does
    not answer, and None if neither is available; `no_stats` says why then. `memory_mb` is the
    bridge process's memory. `in_danger` is None if the store is away.
    """

    health: Mapping[str, Any] | None
    stopped: Stopped | None
    conditions: Sequence[Condition]
    stats: Mapping[str, Any] | None
    no_stats: str
    pid: int | None
    memory_mb: float | None
    in_danger: Sequence[Endangered] | None = ()
    unconfirmed: Sequence[Unconfirmed] = ()

    @property
    def is_well(self) -> bool:
        return not any(one.mark is Attention.BAD for one in sentences(self))

    @property
    def exit_code(self) -> int:
        """By the worst of its sentences."""
        return exit_code(self.conditions) if self.is_well else EXIT_ERROR


def sentences(facts: StatusFacts, zone: tzinfo = UTC) -> list[Sentence]:
    """Everything worth knowing: what is wrong, the worst first, and then the state of the rest.

    Times are by the clock of `zone`.
    """
    return [
        *_dangers(facts.in_danger, zone),
        *(_wrong(one, zone) for one in facts.conditions if not _is_named(one, facts)),
        *(_running(facts) if facts.health is not None else _stopped(facts.stopped)),
        *_counts(facts),
        *(
            Sentence(Attention.NOTE, "group", "; ".join(unbelieved(one)))
            for one in facts.unconfirmed
        ),
        *_cost(facts.stats),
    ]


def _wrong(one: Condition, zone: tzinfo) -> Sentence:
    mark = Attention.BAD if one.severity is Severity.ERROR else Attention.NOTE
    since = "" if one.since is None else f" (since {_shown(one.since, zone)})"
    return Sentence(mark, label(one), f"{one.sentence}{since} → {one.remedy}")


def label(one: Condition) -> str:
    """Its name for people."""
    return str(one.name).replace("_", " ")


def _is_named(one: Condition, facts: StatusFacts) -> bool:
    """The store names people in danger, and the bridge's interface does not."""
    return one.name is ConditionName.DANGER_OPEN and bool(facts.in_danger)


def _shown(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d.%m. %H:%M}"


def _dangers(found: Sequence[Endangered] | None, zone: tzinfo) -> Iterator[Sentence]:
    for one in found or ():
        who = excerpt(one.who, _LONGEST_NAME) or "somebody"
        text = (
            f"{who} has reported danger (since {_shown(one.since, zone)}) and no person has "
            f"answered: call; then, if need be: izer-bridge escalations close {one.escalation}"
        )
        yield Sentence(Attention.BAD, "danger", text)
    if found is None:
        yield Sentence(
            Attention.NOTE, "danger", "the store cannot tell whether anybody is in danger"
        )


def unbelieved(group: Unconfirmed) -> tuple[str, str]:
    """Why its messages are not raised, and what to do about it."""
    who = excerpt(group.name, _LONGEST_NAME)
    why = f"a group that calls itself «{who}» does not count: the shop is no admin of it"
    return why, f"where it is the shop's: izer-bridge group confirm {group.jid}"


def _running(facts: StatusFacts) -> Iterator[Sentence]:
    health = facts.health or {}
    memory = "" if facts.memory_mb is None else f", {facts.memory_mb:.0f} MiB of memory"
    process = "" if facts.pid is None else f" (pid {facts.pid})"
    if "uptime_seconds" not in health:
        yield from _reserved(health, process + memory)
        return
    since = in_two_units(health["uptime_seconds"], _UNITS)
    text = f"version {health['version']} has been running for {since}{process}{memory}"
    yield Sentence(Attention.GOOD, "bridge", text)
    link = health["link"]
    yield Sentence(Attention.GOOD if link["linked"] else Attention.NOTE, "WhatsApp", link["detail"])
    yield _last_event(health["last_event_age_seconds"])
    if health["store"]["ok"]:
        yield Sentence(Attention.GOOD, "store", "answers")
    depth = health["inbox"]["depth"]
    if depth:
        yield Sentence(
            Attention.NOTE,
            "inbox",
            f"{counted(depth, 'event waits', 'events wait')} to be recorded",
        )
    else:
        yield Sentence(Attention.GOOD, "inbox", "empty: all that came is recorded")
    if health["gaps"]["open"] == 0:
        yield Sentence(Attention.GOOD, "gaps", "none: nothing is missing")


def _reserved(health: Mapping[str, Any], process: str) -> Iterator[Sentence]:
    """A caller without the token is told little."""
    status = health.get("status", "ok")
    if status == "ok":
        yield Sentence(Attention.NOTE, "bridge", f"runs{process}, and tells more to its user")
    else:
        text = f"runs{process}, and says that it is {status}; as its user or root you read why"
        yield Sentence(Attention.BAD, "bridge", text)


def _last_event(age: float | None) -> Sentence:
    text = "none since the start" if age is None else f"{in_two_units(age, _UNITS)} ago"
    return Sentence(Attention.NOTE if age is None else Attention.GOOD, "last event", text)


def _stopped(stopped: Stopped | None) -> Iterator[Sentence]:
    if stopped is None:
        return
    text = (
        "the session is kept; a start needs no new QR code"
        if stopped.is_linked
        else f"no number is linked in {stopped.state_dir}; a start shows a QR code"
    )
    yield Sentence(Attention.GOOD if stopped.is_linked else Attention.NOTE, "WhatsApp", text)
    if stopped.inbox_depth:
        text = f"{counted(stopped.inbox_depth, 'event waits', 'events wait')} for the next start"
        yield Sentence(Attention.NOTE, "inbox", text)


def _counts(facts: StatusFacts) -> Iterator[Sentence]:
    stats = facts.stats
    if stats is None:
        yield Sentence(Attention.BAD, "messages", facts.no_stats)
        return
    parts = (f"{stats[name]} {name}" for name in ("settled", "skipped", "pending"))
    text = f"{stats['received']} in the last 24 hours: {', '.join(parts)}"
    yield Sentence(Attention.GOOD, "messages", text)


def _cost(stats: Mapping[str, Any] | None) -> Iterator[Sentence]:
    if stats is None:
        return
    cap = stats["daily_cap"]
    text = f"{stats['cost_today']} USD today" + (f" of at most {cap}" if cap else "")
    yield Sentence(Attention.GOOD, "cost", text)
