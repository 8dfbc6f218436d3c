"""Builds the bridge in groups, each from those before it; no part is bound to a later one.

Parts that notify each other are built with the same `BridgeSignals`.
"""

import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import structlog
from pydantic import SecretStr

from izer_bridge.analysis.reanalyse import SecondOpinions
from izer_bridge.conditions import alarms
from izer_bridge.conditions.alarms import AlarmFile, BridgeAlarms
from izer_bridge.conditions.desk import HealthDesk
from izer_bridge.conditions.file import FILE, ConditionFile
from izer_bridge.conditions.health_facts import LiveFacts, WatchedParts
from izer_bridge.conditions.metrics import Meters
from izer_bridge.conditions.store.live import LiveCounts
from izer_bridge.conditions.store.mending import SqlMending
from izer_bridge.conditions.watch import HealthWatch
from izer_bridge.config import Config
from izer_bridge.conversations.wiring import build_conversations, clock_rules
from izer_bridge.escalation.step import Escalations, Ladder
from izer_bridge.escalation.wiring import build_ladder
from izer_bridge.events.link_events import SessionNews
from izer_bridge.events.wiring import build_event_courier
from izer_bridge.host import memory
from izer_bridge.host.clock import CLOCK
from izer_bridge.host.loop import Hint, Loop
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.inbox.set_aside import SetAside
from izer_bridge.media.files import MediaFiles
from izer_bridge.media.step import MediaKeeper
from izer_bridge.media.wiring import build_media_steps
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.signals import RecordSignals, WorkSignals
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.pipeline.worker import Steps, Worker
from izer_bridge.replies.send import Courier
from izer_bridge.replies.store.outbox_files import SqlOutboxFiles
from izer_bridge.replies.upload import Uploads
from izer_bridge.replies.wiring import reply_policy, send_settings
from izer_bridge.reports.store.sums import SqlSums
from izer_bridge.reports.wiring import build_digests
from izer_bridge.search.store.index import SearchIndex
from izer_bridge.upkeep.kept_backups import newest_backup
from izer_bridge.upkeep.retention_step import Retention
from izer_bridge.upkeep.store.retention import SqlRetention
from izer_bridge.web.server import PortState
from izer_bridge.whatsapp.client.link_health import LinkCondition
from izer_bridge.whatsapp.contents import contents
from izer_bridge.whatsapp.wiring import Linked, LinkListeners, build_link, checked_session
from izer_bridge.wiring.interface import BehindTheInterface, build_server
from izer_bridge.wiring.parts import BridgeSignals, EventParts, Parts, SideTasks, Stores, Way
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE, build_ledger, build_steps

log = structlog.get_logger(__name__)

# Until then a changed hour is counted row by row.
_SUM_SECONDS = 60.0
# Until then a message is not found by its words.
_READ_SECONDS = 2.0
_MEMORY_SECONDS = 60.0
_INBOX = "inbox.db"


async def build(config: Config, openai_key: SecretStr | None, opened: AsyncExitStack) -> Parts:
    """Anything that must be closed at the end is pushed on `opened`. Raises ConfigError."""
    signals = BridgeSignals()
    stores = _stores(config, opened)
    steps = await build_steps(config, openai_key, stores.ledger, opened)
    session_file = checked_session(config)
    events = await _events(config, stores, opened)
    listeners = LinkListeners(signals.arrived, events.link_news.changed, signals.sending.banned)
    linked = build_link(config, session_file, stores.inbox, listeners)
    media = _media(config, openai_key, stores, linked, signals, opened)
    way = _way(config, stores, steps, linked, media, signals)
    ladder = await build_ladder(config, opened)
    ledger = stores.ledger
    boards = build_conversations(config, ledger.store, ledger.clock, signals.boards)
    account, sending = (lambda: linked.link.account), signals.sending.hint
    digests = build_digests(config, ledger, boards.desk, ladder, account, sending)
    side = _side_tasks(config, stores, steps, linked, ladder, [*boards.loops, *digests])
    port = PortState()
    watch = _watch(config, stores, steps, linked, port)
    telling = _alarms(config, watch, ladder)
    desk = _desk(config, stores, linked, watch, signals)
    behind = BehindTheInterface(
        ledger=stores.ledger,
        files=stores.files,
        intake=way.intake,
        desk=desk,
        counts=_counts(config, stores),
        meters=way.meters,
        boards=boards,
        link=linked.sender,
        to_send=signals.to_send,
    )
    server = build_server(config, behind, port)
    return Parts(stores, events, linked, way, side, watch, telling, server)


def _stores(config: Config, opened: AsyncExitStack) -> Stores:
    inbox = _open_inbox(config.state_dir / _INBOX)
    opened.callback(inbox.close)
    return Stores(inbox, build_ledger(config, _owner(config), opened), MediaFiles(config.state_dir))


def _open_inbox(path: Path) -> SqliteInbox:
    inbox = SqliteInbox(path)
    if inbox.corrupt_file is not None:
        log.error("inbox_file_damaged", kept_as=str(inbox.corrupt_file), rescued=inbox.rescued)
    return inbox


def _owner(config: Config) -> str:
    """The holder of leases: this installation, also after a restart, and no other on the store."""
    return f"{socket.gethostname()}:{config.state_dir.resolve()}"[-64:]


async def _events(config: Config, stores: Stores, opened: AsyncExitStack) -> EventParts:
    deliveries = stores.ledger.deliveries()
    courier = await build_event_courier(config, deliveries, opened)
    return EventParts(courier, SessionNews(deliveries.tell_status, CLOCK.now))


def _media(
    config: Config,
    openai_key: SecretStr | None,
    stores: Stores,
    linked: Linked,
    signals: BridgeSignals,
    opened: AsyncExitStack,
) -> MediaKeeper:
    return MediaKeeper(
        stores.ledger.media(),
        build_media_steps(config, openai_key, linked.link, stores.files, opened),
        CLOCK,
        account=lambda: linked.link.account,
        released=signals.work,
        hint=signals.media,
    )


def _way(
    config: Config,
    stores: Stores,
    steps: Steps,
    linked: Linked,
    media: MediaKeeper,
    signals: BridgeSignals,
) -> Way:
    inbox, ledger = stores.inbox, stores.ledger
    # If nobody is answered, the courier's own pace is fast enough.
    replying = None if reply_policy(config).is_off else signals.sending.hint
    posted = partial(signals.recorded, has_media=True)
    intake = HttpIntake(ledger, posted, stores.files, config.media.most_bytes)
    meters = Meters()
    working = WorkSignals(
        signals.work,
        signals.calm,
        partial(_rested, intake, replying, signals.boards),
        meters.worked,
    )
    worker = Worker(ledger, steps, CLOCK, CHATS_SIDE_BY_SIDE, working)
    recording = RecordSignals(
        signals.arrived,
        signals.calm,
        signals.recorded,
        partial(_wake, replying),
        worker.claim_beside,
    )
    convert = partial(contents, link=linked.link)
    recorder = Recorder(inbox, ledger, convert, linked.directory, recording)
    courier = Courier(
        ledger.outbox(), linked.sender, inbox, send_settings(config), CLOCK.now, signals.sending
    )
    uploads = Uploads(
        SqlOutboxFiles(ledger.store, ledger.clock),
        linked.sender,
        stores.files,
        signals.uploads,
        signals.sending.hint,
    )
    return Way(recorder, intake, media, worker, meters, courier, uploads)


def _rested(intake: HttpIntake, replying: Hint | None, boards: Hint, row_id: int) -> None:
    intake.moved(row_id)
    _wake(replying)
    boards()


def _wake(hint: Hint | None) -> None:
    if hint is not None:
        hint()


def _side_tasks(
    config: Config,
    stores: Stores,
    steps: Steps,
    linked: Linked,
    ladder: Ladder,
    loops: Sequence[Loop],
) -> SideTasks:
    ledger, kept = stores.ledger, config.retention
    opinions = SecondOpinions(
        ledger.second_opinions(), steps.analysing, CLOCK, config.analysis.again_within_hours
    )
    sums = SqlSums(ledger.store, ledger.clock, clock_rules(config))
    found = SearchIndex(ledger.store, ledger.clock)
    return SideTasks(
        opinions,
        Escalations(ledger.escalations(), ladder, LinkCondition(linked.link), CLOCK),
        Retention(SqlRetention(ledger.store), stores.files, CLOCK, kept.days),
        [
            Loop("sums", sums.fold, _SUM_SECONDS, delayed="sums_delayed"),
            Loop("search", found.read_some, _READ_SECONDS, delayed="search_delayed"),
            Loop("memory", memory.returned, _MEMORY_SECONDS, waits_first=True),
            *loops,
        ],
    )


def _watch(
    config: Config, stores: Stores, steps: Steps, linked: Linked, port: PortState
) -> HealthWatch:
    parts = WatchedParts(
        linked.link,
        linked.receiver.signs,
        stores.inbox,
        stores.ledger,
        _counts(config, stores),
        steps.agents,
        steps.analysing.watch,
        config.places,
        port,
    )
    file = ConditionFile(config.state_dir / FILE)
    return HealthWatch(LiveFacts(parts), file, config.shop.zone, CLOCK)


def _desk(
    config: Config, stores: Stores, linked: Linked, watch: HealthWatch, signals: BridgeSignals
) -> HealthDesk:
    ledger = stores.ledger
    return HealthDesk(
        watch,
        SqlMending(ledger.store, ledger.clock),
        SetAside(config.state_dir / _INBOX),
        linked.note,
        linked.link.pairing.renew,
        partial(newest_backup, config.state_dir),
        signals.work,
        CLOCK.now,
    )


def _alarms(config: Config, watch: HealthWatch, ladder: Ladder) -> BridgeAlarms:
    """Over the channels outside WhatsApp that escalations use."""
    file = AlarmFile(config.state_dir / alarms.FILE)
    return BridgeAlarms(lambda: watch.holding, ladder.channels, file, config.shop.zone, CLOCK)


def _counts(config: Config, stores: Stores) -> LiveCounts:
    return LiveCounts(stores.ledger.store, stores.ledger.clock, config.openai.budget)
