"""What is wrong with this machine, the inbox and the store; pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from izer_bridge.conditions.facts import (
    DiskSpace,
    HostFacts,
    InboxFacts,
    StoreFacts,
    WaitingFacts,
)
from izer_bridge.domain.condition import Condition, ConditionName, ConditionsSeen, error, warning
from izer_bridge.domain.counted import counted
from izer_bridge.whatsapp.disk_guard import NOTHING_BYTES

MB = 1_000_000
# Ample room for the inbox, the session and the log of a busy day.
LITTLE_BYTES, LITTLE_PART = 500 * MB, 0.05
_APART_SECONDS = 60.0
_TO_COME = timedelta(seconds=60)
_YEARS = range(2025, 2100)

_N = ConditionName
_NTP = "sudo timedatectl set-ntp true, and see: timedatectl"
_ROOM = "make room on that disk; media are what grows: [media] and [retention] in config.toml"


def of_host(facts: HostFacts | None, waiting: WaitingFacts | None, now: datetime) -> ConditionsSeen:
    if facts is None:
        return ConditionsSeen(
            unseen=frozenset({_N.PORT_TAKEN, _N.DISK_FULL, _N.DISK_LOW, _N.CLOCK_WRONG})
        )
    unseen = set() if facts.disks else {_N.DISK_FULL, _N.DISK_LOW}
    found = [*_of_port(facts.port_taken), *_of_clock(facts, waiting, now)]
    if disk := fullest(facts.disks):
        found.extend(of_disk(disk))
    return ConditionsSeen(found, frozenset(unseen))


def fullest(disks: tuple[DiskSpace, ...]) -> DiskSpace | None:
    return min(disks, key=lambda one: one.free, default=None)


def of_disk(disk: DiskSpace) -> Iterator[Condition]:
    """Full, or nearly so."""
    free = f"{disk.free / MB:,.0f} MB"
    if disk.free < NOTHING_BYTES:
        sentence = f"the disk is full where {disk.place} lies ({free} free): nothing can be kept"
        yield error(_N.DISK_FULL, sentence, _ROOM)
    elif disk.free < max(LITTLE_BYTES, LITTLE_PART * disk.total):
        part = 100 * disk.free / disk.total
        sentence = f"only {free} ({part:.1f} %) are free where {disk.place} lies"
        yield warning(_N.DISK_LOW, sentence, _ROOM)


def _of_port(sentence: str) -> Iterator[Condition]:
    if sentence:
        remedy = "stop that program (izer-bridge doctor names it), or set another port in [api]"
        yield error(_N.PORT_TAKEN, sentence, remedy)


def _of_clock(facts: HostFacts, waiting: WaitingFacts | None, now: datetime) -> Iterator[Condition]:
    ahead, newest = facts.clock_ahead_seconds, waiting.newest_at if waiting else None
    if now.year not in _YEARS:
        yield error(_N.CLOCK_WRONG, f"this machine's year is {now.year}", _NTP)
    elif ahead is not None and abs(ahead) > _APART_SECONDS:
        way = "ahead of" if ahead > 0 else "behind"
        sentence = f"this machine's clock is {abs(ahead):,.0f} s {way} WhatsApp's"
        yield error(_N.CLOCK_WRONG, sentence, _NTP)
    elif newest is not None and newest > now + _TO_COME:
        sentence = (
            f"the newest message was recorded at {newest:%Y-%m-%d %H:%M} UTC, which is to come: "
            "the clock was put back"
        )
        yield error(_N.CLOCK_WRONG, sentence, _NTP)


def of_inbox(facts: InboxFacts | None) -> ConditionsSeen:
    names = frozenset({_N.INBOX_REFUSES, _N.EVENTS_SET_ASIDE})
    if facts is None:
        return ConditionsSeen(unseen=names)
    found = []
    if not facts.is_writable:
        sentence = "the inbox cannot be written: nothing new is taken in, WhatsApp keeps it"
        remedy = "make room on the disk of state_dir, and see: izer-bridge doctor"
        found.append(error(_N.INBOX_REFUSES, sentence, remedy))
    if facts.set_aside is None:
        return ConditionsSeen(found, frozenset({_N.EVENTS_SET_ASIDE}))
    if facts.set_aside:
        sentence = _could_not_be_recorded(facts.set_aside)
        remedy = "see: izer-bridge dlq list; report the kind, and retry after an upgrade"
        found.append(error(_N.EVENTS_SET_ASIDE, sentence, remedy))
    return ConditionsSeen(found)


def _could_not_be_recorded(kinds: Mapping[str, int]) -> str:
    """How many events, and the kinds of the errors."""
    named = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{counted(sum(kinds.values()), 'event', 'events')} could not be recorded ({named})"


def of_store(facts: StoreFacts | None) -> ConditionsSeen:
    if facts is None:
        return ConditionsSeen(unseen=frozenset({_N.STORE_AWAY, _N.STORE_DAMAGED}))
    if facts.damage:
        remedy = "see A damaged store in docs/operations.md: izer-bridge restore --database-only"
        return ConditionsSeen([error(_N.STORE_DAMAGED, facts.damage, remedy)])
    if facts.is_ok:
        return ConditionsSeen()
    sentence = "the store does not answer, or takes nothing; what arrives waits in the inbox"
    remedy = (
        "start the database of store.url again; a file: make room, or end the program that holds "
        "it; then it goes on by itself"
    )
    return ConditionsSeen([error(_N.STORE_AWAY, sentence, remedy)])
