"""How the bridge stands, as sentences for the operator; pure, and blind to texts and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from izer_bridge.domain.quoted_text import excerpt

_LONGEST_NAME = 80
LOG = "journalctl -u izer-bridge"


class Attention(StrEnum):
    """Whether a sentence asks for something to be done."""

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

    `holder` is the process that has the state directory nevertheless, `inbox_depth` None where
    there is no inbox to be read, `is_linked` whether the session knows a number, `set_aside` what
    could not be recorded, by the kind of the error.
    """

    why: str
    state_dir: str
    holder: int | None
    is_linked: bool
    inbox_depth: int | None
    set_aside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Endangered:
    """Who has reported danger, and since when (UTC) no person has answered."""

    escalation: int
    who: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A group that carries a critical group's name, and nobody knows whether it is the shop's."""

    jid: str
    name: str


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """`health` and `stats` as the bridge's HTTP interface gives them.

    `stats` are the store's own where the bridge does not answer, and None where neither can tell;
    `no_stats` says why then. `memory_mb` is what the bridge's process holds. `in_danger` is None
    where the store cannot tell.
    """

    health: Mapping[str, Any] | None
    stopped: Stopped | None
    stats: Mapping[str, Any] | None
    no_stats: str
    open_gaps: int | None
    pid: int | None
    memory_mb: float | None
    in_danger: Sequence[Endangered] | None = ()
    unconfirmed: Sequence[Unconfirmed] = ()

    @property
    def is_well(self) -> bool:
        return not any(one.mark is Attention.BAD for one in sentences(self))


def sentences(facts: StatusFacts) -> list[Sentence]:
    """Everything worth knowing, the most pressing first within each subject."""
    first = _running(facts) if facts.health is not None else _stopped(facts.stopped)
    return [
        *_dangers(facts.in_danger),
        *first,
        *_counts(facts),
        *_gaps(facts.open_gaps),
        *(
            Sentence(Attention.NOTE, "group", "; ".join(unbelieved(one)))
            for one in facts.unconfirmed
        ),
        *_cost(facts.stats),
    ]


def _dangers(found: Sequence[Endangered] | None) -> Iterator[Sentence]:
    for one in found or ():
        who = excerpt(one.who, _LONGEST_NAME) or "somebody"
        text = (
            f"{who} has reported danger (since {one.since:%m-%d %H:%M} UTC) and no person has "
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
    if "uptime_seconds" in health:
        since = duration(health["uptime_seconds"])
        text = f"version {health['version']} has been running for {since}{process}{memory}"
        yield Sentence(Attention.GOOD, "bridge", text)
    else:
        yield Sentence(
            Attention.NOTE, "bridge", f"runs{process}{memory}, and tells more to its user"
        )
        return
    link = health["link"]
    yield Sentence(Attention.GOOD if link["linked"] else Attention.BAD, "WhatsApp", link["detail"])
    yield _last_event(health["last_event_age_seconds"])
    yield from _places(health)


def _last_event(age: float | None) -> Sentence:
    text = "none since the start" if age is None else f"{duration(age)} ago"
    return Sentence(Attention.NOTE if age is None else Attention.GOOD, "last event", text)


def _places(health: Mapping[str, Any]) -> Iterator[Sentence]:
    if health["store"]["ok"]:
        yield Sentence(Attention.GOOD, "store", "answers")
    else:
        text = f"does not answer; messages are kept in the inbox meanwhile; see: {LOG}"
        text = health["store"].get("detail", text)
        yield Sentence(Attention.BAD, "store", text)
    depth = health["inbox"]["depth"]
    if not health["inbox"]["ok"]:
        yield Sentence(Attention.BAD, "inbox", "cannot be written; see: izer-bridge doctor")
    elif depth:
        yield Sentence(Attention.NOTE, "inbox", f"{depth} events wait to be recorded")
    else:
        yield Sentence(Attention.GOOD, "inbox", "empty: all that came is recorded")
    yield from _set_aside(health["inbox"].get("set_aside") or {})


def _set_aside(kinds: Mapping[str, int]) -> Iterator[Sentence]:
    if kinds:
        text = f"{could_not_be_recorded(kinds)}; see: izer-bridge dlq list"
        yield Sentence(Attention.BAD, "set aside", text)


def could_not_be_recorded(kinds: Mapping[str, int]) -> str:
    """How many events, and the kinds of the errors."""
    named = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{sum(kinds.values())} events could not be recorded ({named})"


def _stopped(stopped: Stopped | None) -> Iterator[Sentence]:
    if stopped is None:
        return
    yield Sentence(Attention.BAD, "bridge", stopped.why)
    if stopped.holder is not None:
        text = f"process {stopped.holder} has {stopped.state_dir}: it starts, stops, or hangs"
        yield Sentence(Attention.NOTE, "bridge", text)
    else:
        yield Sentence(Attention.NOTE, "bridge", "start it: systemctl start izer-bridge")
    text = (
        "the session is kept; a start needs no new QR code"
        if stopped.is_linked
        else f"no number is linked in {stopped.state_dir}; a start shows a QR code"
    )
    yield Sentence(Attention.GOOD if stopped.is_linked else Attention.NOTE, "WhatsApp", text)
    if stopped.inbox_depth:
        text = f"{stopped.inbox_depth} events wait for the next start"
        yield Sentence(Attention.NOTE, "inbox", text)
    yield from _set_aside(stopped.set_aside)


def _counts(facts: StatusFacts) -> Iterator[Sentence]:
    stats = facts.stats
    if stats is None:
        yield Sentence(Attention.BAD, "messages", facts.no_stats)
        return
    parts = (f"{stats[name]} {name}" for name in ("settled", "skipped", "pending"))
    text = f"{stats['received']} in the last 24 hours: {', '.join(parts)}"
    yield Sentence(Attention.GOOD, "messages", text)
    if stats["dead"]:
        text = f"{stats['dead']} that no agent took; see: izer-bridge dlq list"
        yield Sentence(Attention.BAD, "dead", text)
    if stats["uncertain"]:
        text = f"{stats['uncertain']} of which nobody knows whether the agent took them"
        yield Sentence(Attention.BAD, "uncertain", text)


def _gaps(count: int | None) -> Iterator[Sentence]:
    if count:
        text = f"{count} messages that WhatsApp had are missing; see: izer-bridge gaps"
        yield Sentence(Attention.BAD, "gaps", text)
    elif count == 0:
        yield Sentence(Attention.GOOD, "gaps", "none: nothing is missing")


def _cost(stats: Mapping[str, Any] | None) -> Iterator[Sentence]:
    if stats is None:
        return
    cap = stats["daily_cap"]
    text = f"{stats['cost_today']} USD today" + (f" of at most {cap}" if cap else "")
    if stats["daily_cap_reached"]:
        text += "; the local analyser answers until midnight"
    yield Sentence(Attention.NOTE if stats["daily_cap_reached"] else Attention.GOOD, "cost", text)


def duration(seconds: float) -> str:
    """For example `3 h 12 min`: the two largest units."""
    whole = int(seconds)
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    parts: list[str] = []
    for size, name in units:
        count, whole = divmod(whole, size)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
