"""What may be wrong with the bridge: each condition's severity, sentence and remedy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """`error`: a person must do something now. `warning`: look at it, or wait until it has ended.

    The worst comes first.
    """

    ERROR = "error"
    WARNING = "warning"


class ConditionName(StrEnum):
    """In the order in which an operator checks them; `docs/troubleshooting.md` explains each."""

    DANGER_OPEN = "danger_open"
    BRIDGE_STOPPED = "bridge_stopped"
    BRIDGE_SILENT = "bridge_silent"
    PORT_TAKEN = "port_taken"
    DISK_FULL = "disk_full"
    DISK_LOW = "disk_low"
    INBOX_REFUSES = "inbox_refuses"
    STORE_DAMAGED = "store_damaged"
    STORE_AWAY = "store_away"
    CLOCK_WRONG = "clock_wrong"
    BANNED = "banned"
    LOGGED_OUT = "logged_out"
    NOT_LINKED = "not_linked"
    WRONG_PHONE = "wrong_phone"
    REPLACED = "replaced"
    OUTDATED = "outdated"
    PASSKEY_WANTED = "passkey_wanted"
    REFUSED = "refused"
    WHATSAPP_SILENT = "whatsapp_silent"
    DISCONNECTED = "disconnected"
    PHONE_AWAY = "phone_away"
    SENDING_STOPPED = "sending_stopped"
    CHATS_LIMITED = "chats_limited"
    SENDS_UNCERTAIN = "sends_uncertain"
    SENDS_FAILED = "sends_failed"
    GAPS_OPEN = "gaps_open"
    EVENTS_SET_ASIDE = "events_set_aside"
    DEAD_LETTERS = "dead_letters"
    AGENT_DOWN = "agent_down"
    OPENAI_REFUSED = "openai_refused"
    OPENAI_FAILING = "openai_failing"
    BUDGET_SPENT = "budget_spent"
    ESCALATIONS_OPEN = "escalations_open"
    DRAFTS_WAITING = "drafts_waiting"


_ORDER = {name: place for place, name in enumerate(ConditionName)}
# `izer-bridge status` and `doctor` end with these. 2 is taken: wrong usage.
EXIT_ERROR, EXIT_WARNING = 1, 3


@dataclass(frozen=True, slots=True)
class Condition:
    """`sentence` says what is wrong, `remedy` what to do; neither names or quotes a person.

    `about` distinguishes simultaneous ones, such as two agents that are down. `since` is when it
    began (aware UTC), as far as anybody knows.
    """

    name: ConditionName
    severity: Severity
    sentence: str
    remedy: str
    about: str = ""
    since: datetime | None = None

    @property
    def key(self) -> tuple[ConditionName, str]:
        return self.name, self.about

    def as_json(self) -> dict[str, Any]:
        since = None if self.since is None else self.since.isoformat(timespec="seconds")
        return {
            "name": str(self.name),
            "about": self.about,
            "severity": str(self.severity),
            "sentence": self.sentence,
            "remedy": self.remedy,
            "since": since,
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "Condition":
        """Raises ValueError, KeyError or TypeError if it is not a condition of this version."""
        since = said["since"]
        return cls(
            ConditionName(said["name"]),
            Severity(said["severity"]),
            str(said["sentence"]),
            str(said["remedy"]),
            str(said["about"]),
            None if since is None else datetime.fromisoformat(since),
        )


def error(
    name: ConditionName,
    sentence: str,
    remedy: str,
    *,
    about: str = "",
    since: datetime | None = None,
) -> Condition:
    return Condition(name, Severity.ERROR, sentence, remedy, about, since)


def warning(
    name: ConditionName,
    sentence: str,
    remedy: str,
    *,
    about: str = "",
    since: datetime | None = None,
) -> Condition:
    return Condition(name, Severity.WARNING, sentence, remedy, about, since)


def in_order(conditions: Collection[Condition]) -> list[Condition]:
    """The worst first, then in the order of checking."""
    return sorted(
        conditions,
        key=lambda one: (one.severity is not Severity.ERROR, _ORDER[one.name], one.about),
    )


def has_error(conditions: Collection[Condition]) -> bool:
    return any(one.severity is Severity.ERROR for one in conditions)


def exit_code(conditions: Collection[Condition]) -> int:
    """The exit code for the worst of them; 0 if nothing is wrong."""
    if has_error(conditions):
        return EXIT_ERROR
    return EXIT_WARNING if conditions else 0


@dataclass(frozen=True, slots=True)
class ConditionsSeen:
    """The result of one look; whether the `unseen` hold is unknown now."""

    found: Sequence[Condition] = ()
    unseen: frozenset[ConditionName] = frozenset()

    def __add__(self, other: "ConditionsSeen") -> "ConditionsSeen":
        return ConditionsSeen([*self.found, *other.found], self.unseen | other.unseen)


@dataclass(frozen=True, slots=True)
class ConditionChanges:
    """What has begun, got worse, and ended between two looks."""

    begun: Sequence[Condition] = ()
    ended: Sequence[Condition] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.ended)


def changed(
    before: Collection[Condition], seen: ConditionsSeen, now: datetime
) -> tuple[list[Condition], ConditionChanges]:
    """What holds now, and what is new in that; unseen conditions stay as they were."""
    known = {one.key: one for one in before}
    found = {one.key: _begun_at(one, known.get(one.key), now) for one in seen.found}
    kept = {key: one for key, one in known.items() if key not in found and one.name in seen.unseen}
    ended = [one for key, one in known.items() if key not in found and key not in kept]
    begun = [one for key, one in found.items() if _is_news(one, known.get(key))]
    return in_order([*found.values(), *kept.values()]), ConditionChanges(
        in_order(begun), in_order(ended)
    )


def _begun_at(one: Condition, before: Condition | None, now: datetime) -> Condition:
    """At the first look, now counts as the beginning if it is not known better."""
    return replace(one, since=one.since or (before.since if before else None) or now)


def _is_news(one: Condition, before: Condition | None) -> bool:
    is_worse = before is not None and before.severity is not Severity.ERROR
    return before is None or (is_worse and one.severity is Severity.ERROR)
