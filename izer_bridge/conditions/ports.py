"""What health and metrics need from the daemon, with the values that it carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from izer_bridge.agents.limits import AgentCondition
from izer_bridge.conditions.facts import DiskSpace
from izer_bridge.domain.condition import Condition


@dataclass(frozen=True, slots=True)
class Sending:
    """Until when WhatsApp blocks sending (None: it does not), and what else has stopped."""

    stopped_until: datetime | None
    paused_chats: int
    uncertain: int


@dataclass(frozen=True, slots=True)
class Health:
    """The daemon's condition. `link_sentence` describes the link's state to a person.

    `agents` are as this process sees them: another worker on the store may see them differently.

    `in_danger` counts the chats that have reported danger and that no person has answered.

    `set_aside` are the events that could not be recorded, by kind of error; None if the disk does
    not answer in time. `last_event_age_seconds` is None before the first event from WhatsApp,
    `open_gaps` while the store is away. `in_danger` and `sending` are None then, too.
    `store_damage` says what to do if the store's file is damaged. `conditions` are all that is
    wrong, the worst first.
    """

    link_state: str
    link_sentence: str
    is_linked: bool
    is_store_ok: bool
    is_inbox_ok: bool
    inbox_depth: int
    set_aside: Mapping[str, int] | None
    last_event_age_seconds: float | None
    version: str
    uptime_seconds: float
    open_gaps: int | None
    in_danger: int | None = None
    agents: Mapping[str, AgentCondition] = field(default_factory=dict)
    sending: Sending | None = None
    store_damage: str = ""
    disks: Sequence[DiskSpace] = ()
    conditions: Sequence[Condition] = ()


class HealthSource(Protocol):
    """Must answer from memory, or within a second."""

    async def health(self) -> Health: ...
