"""What the bridge consists of, and who wakes whom; `bridge.py` builds it, the daemon runs it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from izer_bridge.analysis.reanalyse import SecondOpinions
from izer_bridge.conditions.alarms import BridgeAlarms
from izer_bridge.conditions.metrics import Meters
from izer_bridge.conditions.watch import HealthWatch
from izer_bridge.escalation.step import Escalations
from izer_bridge.events.deliver import EventCourier
from izer_bridge.events.link_events import SessionNews
from izer_bridge.host.loop import Hint, Loop
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.media.files import MediaFiles
from izer_bridge.media.step import MediaKeeper
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.pipeline.worker import Worker
from izer_bridge.replies.send import Courier, SendSignals
from izer_bridge.replies.upload import Uploads
from izer_bridge.upkeep.retention_step import Retention
from izer_bridge.web.server import Server
from izer_bridge.whatsapp.wiring import Linked


@dataclass(frozen=True, slots=True)
class BridgeSignals:
    """Who wakes whom: a notifying part and the notified one are built with the same value.

    `arrived`: the inbox is not empty, for the recorder. `media` and `work`: the store has new rows,
    for the media keeper and the worker. `sending`: for the courier, `uploads`: for its files.
    `boards`: for what they show.
    """

    arrived: Hint = field(default_factory=Hint)
    calm: asyncio.Event = field(default_factory=asyncio.Event)
    media: Hint = field(default_factory=Hint)
    work: Hint = field(default_factory=Hint)
    sending: SendSignals = field(default_factory=SendSignals)
    uploads: Hint = field(default_factory=Hint)
    boards: Hint = field(default_factory=Hint)

    def to_send(self) -> None:
        """Something was approved or written, perhaps with a file."""
        self.uploads()
        self.sending.hint()

    def recorded(self, has_media: bool) -> None:
        """Messages are in the store; the argument says whether files are to be downloaded."""
        if has_media:
            self.media()
        self.work()
        self.boards()


@dataclass(frozen=True, slots=True)
class Stores:
    """Durable data: events that arrived, messages and their results, their files."""

    inbox: SqliteInbox
    ledger: SqlLedger
    files: MediaFiles


@dataclass(frozen=True, slots=True)
class EventParts:
    """What notifies other programs: about messages, and about the link."""

    courier: EventCourier
    link_news: SessionNews


@dataclass(frozen=True, slots=True)
class Way:
    """A message's way, from either entrance to the answer."""

    recorder: Recorder
    intake: HttpIntake
    media: MediaKeeper
    worker: Worker
    meters: Meters
    courier: Courier
    uploads: Uploads


@dataclass(frozen=True, slots=True)
class SideTasks:
    """Periodic work on what messages have left in the store."""

    opinions: SecondOpinions
    escalations: Escalations
    retention: Retention
    upkeep: Sequence[Loop]


@dataclass(frozen=True, slots=True)
class Parts:
    """The bridge, ready to be started."""

    stores: Stores
    events: EventParts
    linked: Linked
    way: Way
    side: SideTasks
    watch: HealthWatch
    alarms: BridgeAlarms
    server: Server
