"""What conditions are decided from: values alone; None stands for what cannot be known now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from izer_bridge.agents.limits import AgentCondition
from izer_bridge.analysis.watched import RemoteFault
from izer_bridge.domain.link_state import LinkStatus


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """`was_linked`: this state directory has had a number before. `turned_away` names the phone
    that scanned and was not wanted, until the right one has. `silent_seconds` is how long nothing
    has come from WhatsApp's server, not even the answer to a keepalive.
    """

    status: LinkStatus
    was_linked: bool
    turned_away: str = ""
    silent_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Of the file system that holds `place`, in bytes."""

    place: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class HostFacts:
    """This machine. `clock_ahead_seconds` is by how much its clock is ahead of WhatsApp's.

    `port_taken` says who keeps the bridge from its own port.
    """

    disks: tuple[DiskSpace, ...] = ()
    clock_ahead_seconds: float | None = None
    port_taken: str = ""


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """`set_aside` counts what could not be recorded, by the kind of the error."""

    is_writable: bool
    set_aside: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """`damage` says what to do where the store's file is damaged."""

    is_ok: bool
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many there are, and since when the oldest."""

    count: int = 0
    since: datetime | None = None

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True, slots=True)
class SendingStop:
    """WhatsApp lets an account send nothing until then."""

    until: datetime
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """What waits in the store for somebody, or for better times.

    `after_error` are messages that wait for another try; `newest_at` is when the latest message was
    recorded, by the clock of who recorded it.
    """

    stop: SendingStop | None = None
    paused_chats: int = 0
    limited_chats: Backlog = Backlog()
    uncertain: Backlog = Backlog()
    drafts: Backlog = Backlog()
    escalations: Backlog = Backlog()
    in_danger: Backlog = Backlog()
    gaps: Backlog = Backlog()
    after_error: int = 0
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What the last 24 hours came to, as far as somebody should look at it."""

    dead: int = 0
    uncertain: int = 0
    failed_sends: Backlog = Backlog()
    is_budget_spent: bool = False


@dataclass(frozen=True, slots=True)
class RemoteFacts:
    """How the model's endpoint stands, if one is asked at all."""

    fault: RemoteFault | None = None


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """All of it; agents and the model's endpoint are as this process finds them."""

    link: LinkFacts | None = None
    host: HostFacts | None = None
    inbox: InboxFacts | None = None
    store: StoreFacts | None = None
    waiting: WaitingFacts | None = None
    day: DayFacts | None = None
    agents: Mapping[str, AgentCondition] | None = None
    remote: RemoteFacts | None = None
