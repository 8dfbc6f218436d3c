"""The facts from which conditions are decided: plain values; None means unknown at the moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from izer_bridge.agents.limits import AgentCondition
from izer_bridge.analysis.watched import RemoteFault
from izer_bridge.domain.link_state import LinkState, LinkStatus


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """`was_linked`: this state directory has had a number before. `turned_away` names an unwanted
    phone that scanned, until the right one has. `silent_seconds` is how long nothing has come from
    WhatsApp's server, not even the answer to a keepalive. `unlinked` is how the latest session
    ended.
    """

    status: LinkStatus
    was_linked: bool
    turned_away: str = ""
    silent_seconds: float | None = None
    unlinked: LinkState = LinkState.LOGGED_OUT


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """For the file system that contains `place`, in bytes."""

    place: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class HostFacts:
    """This machine. `clock_ahead_seconds` is by how much its clock is ahead of WhatsApp's.

    `port_taken` says that another program has one of the bridge's ports, and who is kept out.
    """

    disks: tuple[DiskSpace, ...] = ()
    clock_ahead_seconds: float | None = None
    port_taken: str = ""


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """`set_aside` counts events that could not be recorded, by kind of error."""

    is_writable: bool
    set_aside: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """`damage` says what to do if the store's file is damaged."""

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
    """Until when WhatsApp lets an account send nothing."""

    until: datetime
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """What waits in the store for somebody, or for better times.

    `after_error` are messages that wait for a retry; `newest_at` is when the latest message was
    recorded, by the recorder's clock.
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
    """The last 24 hours, as far as somebody should look at them."""

    dead: int = 0
    failed_sends: Backlog = Backlog()
    is_budget_spent: bool = False


@dataclass(frozen=True, slots=True)
class RemoteFacts:
    """The state of the model's endpoint, if one is used at all."""

    fault: RemoteFault | None = None


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """All of them; agents and the model's endpoint are as this process sees them."""

    link: LinkFacts | None = None
    host: HostFacts | None = None
    inbox: InboxFacts | None = None
    store: StoreFacts | None = None
    waiting: WaitingFacts | None = None
    day: DayFacts | None = None
    agents: Mapping[str, AgentCondition] | None = None
    remote: RemoteFacts | None = None
