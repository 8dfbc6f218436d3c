"""Builds every object of the bridge, starts them in order, and stops them so nothing is lost."""

import asyncio
import socket
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import SecretStr

from izer_bridge.analysis.reanalyse import SecondOpinions
from izer_bridge.api import application
from izer_bridge.config import Config, secret, signing_secrets
from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.escalation.step import Escalations
from izer_bridge.escalation.wiring import build_ladder
from izer_bridge.events.deliver import EventCourier
from izer_bridge.events.link_events import SessionNews
from izer_bridge.host import memory, stage, state_directory, systemd
from izer_bridge.host.clock import CLOCK
from izer_bridge.host.loop import Loop
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.media.files import MediaFiles
from izer_bridge.media.step import MediaKeeper, MediaSteps
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.pipeline.worker import Worker
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.replies.send import Courier, SendSettings
from izer_bridge.replies.wiring import reply_policy
from izer_bridge.reports.health_facts import Condition
from izer_bridge.reports.metrics import Meters
from izer_bridge.reports.store.live import LiveCounts
from izer_bridge.reports.store.sums import SqlSums
from izer_bridge.upkeep.retention_step import Retention
from izer_bridge.upkeep.store.retention import SqlRetention
from izer_bridge.web import api_token
from izer_bridge.web.access import Access
from izer_bridge.web.doors import Door
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.server import Server
from izer_bridge.web.signature import Signatures
from izer_bridge.whatsapp.client.link import Callbacks, Link, QrSeriesExhaustedError
from izer_bridge.whatsapp.client.link_health import LinkCondition
from izer_bridge.whatsapp.client.lookup import WhatsAppDirectory
from izer_bridge.whatsapp.client.send import WhatsAppSender
from izer_bridge.whatsapp.convert.event import contents
from izer_bridge.whatsapp.download import Downloads
from izer_bridge.whatsapp.link_announcer import RENEW_SIGNAL, Announcer
from izer_bridge.whatsapp.receive.receiver import Receiver
from izer_bridge.whatsapp.session_copies import SessionCopies
from izer_bridge.whatsapp.wiring import checked_session, crash_safety, link_settings
from izer_bridge.wiring import (
    CHATS_SIDE_BY_SIDE,
    GRACE_SECONDS,
    build_event_courier,
    build_ledger,
    build_steps,
    build_writers,
    keep_what_is_loaded,
    raise_config_error,
    stop_on_signals,
    until_there,
)

log = structlog.get_logger(__name__)

EXIT_TRY_AGAIN = 75  # sysexits.h: EX_TEMPFAIL; the service manager starts a fresh process
# With the grace under the 10 s that the service manager is promised.
# The HTTP server waits so long for a request's end, and again after it has cancelled it.
_API_STOP_SECONDS = 1.5
_SHORTEST_TOKEN = 32
# An answer of WhatsApp's server that is waited for at the end spares an uncertain reply.
_SENDING_SECONDS = 1.0
_DOWNLOAD_SECONDS = 30.0
# Until then an hour that has changed is counted row by row.
_SUM_SECONDS = 60.0
_MEMORY_SECONDS = 60.0
# A write to the disk that takes longer hangs; the watchdog counts from there.
_STANDSTILL_SECONDS = 20.0
# The client blocks one thread for good at every connect(); asyncio's default of 6 runs out.
_THREADS = 64
# The client waits for its callbacks; Python's default lets busy code keep them waiting for 5 ms.
_SWITCH_SECONDS = 0.0002


async def run(config: Config, openai_key: SecretStr | None) -> int:
    """Work until SIGINT or SIGTERM; the exit code. Raises ConfigError."""
    _prepare_for_the_client()
    stop = stop_on_signals()
    async with AsyncExitStack() as opened:
        opened.enter_context(state_directory.prepare(config.state_dir))
        _tidy(config.state_dir)
        bridge = await Bridge.build(config, openai_key, opened)
        keep_what_is_loaded()
        try:
            return await bridge.work(stop)
        except ExceptionGroup as group:
            raise_config_error(group)
            raise


def _tidy(state_dir: Path) -> None:
    """What an older version left open to others, and a killed command left behind."""
    if (mode := state_directory.tighten(state_dir)) is not None:
        log.warning("state_directory_tightened", path=str(state_dir), was=f"{mode:o}", now="700")
    if removed := stage.sweep(state_dir):
        log.info("unfinished_copies_removed", names=", ".join(removed))


def _prepare_for_the_client() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    sys.setswitchinterval(_SWITCH_SECONDS)


@dataclass
class Bridge:
    """Everything that runs, in the order of a message's way."""

    link: Link
    receiver: Receiver
    copies: SessionCopies
    inbox: SqliteInbox
    recorder: Recorder
    ledger: SqlLedger
    media: MediaKeeper
    worker: Worker
    opinions: SecondOpinions
    courier: Courier
    escalations: Escalations
    news: SessionNews
    events: EventCourier
    retention: Retention
    upkeep: Sequence[Loop]
    server: Server
    exit_code: int = 0

    @classmethod
    async def build(
        cls, config: Config, openai_key: SecretStr | None, opened: AsyncExitStack
    ) -> "Bridge":
        """Put the parts together; what must be closed at the end goes on `opened`."""
        inbox = _open_inbox(config.state_dir / "inbox.db")
        opened.callback(inbox.close)
        ledger = build_ledger(config, _owner(config), opened)
        steps = await build_steps(config, openai_key, ledger, opened)
        session_file = checked_session(config)
        announcer = Announcer(config.state_dir, invert_qr=config.whatsapp.invert_qr)
        events = await build_event_courier(config, ledger, opened)
        news = SessionNews(ledger.deliveries().tell_status, CLOCK.now)
        receiver = Receiver(inbox, session_file, crash_safety(config))
        copies = SessionCopies(session_file)
        link = Link(
            session_file,
            receiver,
            Callbacks(
                arrived=lambda: recorder.arrived(),
                show_code=announcer.show_code,
                changed=lambda status: _changed(status, announcer, news, copies),
                group_changed=lambda group, name: directory.group_changed(group, name),
                phone_seen=announcer.phone_seen,
                banned=lambda seconds: courier.banned(seconds),
            ),
            link_settings(config),
            announcer.phone_seen_at,
        )
        directory = WhatsAppDirectory(link)
        recorder = Recorder(
            inbox,
            ledger,
            lambda entry: contents(entry, link),
            directory,
            recorded=lambda has_media: _hint(media if has_media else None, worker),
        )
        worker = Worker(ledger, steps, CLOCK, CHATS_SIDE_BY_SIDE, recorder.calm)
        media = MediaKeeper(
            ledger.media(),
            _media_steps(config, openai_key, link, opened),
            CLOCK,
            account=lambda: link.account,
            released=worker.hint,
        )
        again = config.analysis
        opinions = SecondOpinions(
            ledger.second_opinions(),
            steps.analysing,
            CLOCK,
            again.again_within_hours,
            again.again_every_seconds,
        )
        courier = Courier(
            ledger.outbox(),
            WhatsAppSender(link, session_file),
            inbox,
            SendSettings(
                config.reply.typing_seconds, timedelta(minutes=config.reply.breaker_minutes)
            ),
            CLOCK.now,
        )
        # Where nobody is answered, its own pace is quick enough.
        is_silent = reply_policy(config).is_off
        if not is_silent:
            recorder.on_empty(courier.hint)
        escalations = Escalations(
            ledger.escalations(), await build_ladder(config, opened), LinkCondition(link), CLOCK
        )
        retention = Retention(
            SqlRetention(ledger.store),
            MediaFiles(config.state_dir),
            CLOCK,
            config.retention.days,
            config.retention.at_hour,
        )
        most = config.media.most_bytes
        files = MediaFiles(config.state_dir)
        intake = HttpIntake(ledger, lambda: _hint(media, worker), files, most)
        worker.on_rest(lambda row_id: _rested(row_id, intake, None if is_silent else courier))
        meters = Meters()
        worker.on_worked(meters.worked)
        counts = LiveCounts(ledger.store, ledger.clock, config.openai.budget)
        health = Condition(link, inbox, ledger, counts, steps.agents, time.monotonic())
        sums = SqlSums(ledger.store, ledger.clock)
        drafts = DraftRoutes(ledger.drafts(), courier.hint)
        server = Server(
            application(
                intake,
                health,
                counts,
                _access(config),
                drafts=drafts,
                meters=meters,
                most_file_bytes=most or 0,
            ),
            config.api.host,
            config.api.port,
            stop_seconds=_API_STOP_SECONDS,
        )
        return cls(
            link,
            receiver,
            copies,
            inbox,
            recorder,
            ledger,
            media,
            worker,
            opinions,
            courier,
            escalations,
            news,
            events,
            retention,
            [
                Loop("sums", sums.fold, _SUM_SECONDS, delayed="sums_delayed"),
                Loop("memory", memory.returned, _MEMORY_SECONDS, waits_first=True),
            ],
            server,
        )

    async def work(self, stop: asyncio.Event) -> int:
        """Boot, run until told to stop, and stop in the order that drops nothing."""
        await self.server.start()
        self.news.changed(self.link.status)
        async with asyncio.TaskGroup() as tasks:
            running = {
                tasks.create_task(self._keep_linked(stop), name="link"),
                tasks.create_task(self._process(), name="pipeline"),
            }
            asyncio.get_running_loop().add_signal_handler(RENEW_SIGNAL, self.link.renew)
            beside = [
                tasks.create_task(systemd.keep_watchdog(self._is_moving), name="watchdog"),
                tasks.create_task(self.copies.run(), name="session-copies"),
            ]
            systemd.notify(READY="1")
            await stop.wait()
            systemd.notify(STOPPING="1")
            self.media.stop()
            self.opinions.stop()
            self.escalations.stop()
            self.courier.stop()
            await self.courier.rested(_SENDING_SECONDS)
            self.retention.stop()
            for loop in self.upkeep:
                loop.stop()
            await asyncio.gather(self.link.stop(), self.server.stop())
            await self.news.stop()
            self.events.stop()
            self.recorder.stop()
            self.worker.stop()
            _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
            for task in (*late, *beside):
                task.cancel()
        log.info("stopped", inbox_depth=self.inbox.depth())
        return self.exit_code

    async def _keep_linked(self, stop: asyncio.Event) -> None:
        try:
            await self.link.run()
        except QrSeriesExhaustedError:
            log.warning("qr_codes_exhausted", hint="a fresh process shows new codes")
            self.exit_code = EXIT_TRY_AGAIN
            stop.set()

    async def _is_moving(self) -> bool:
        """Whether events get to the disk; it hangs where the disk does. WhatsApp has no say."""
        with suppress(TransientError):
            await asyncio.to_thread(self.inbox.answer)
        return self.receiver.still_seconds() < _STANDSTILL_SECONDS

    async def _process(self) -> None:
        """Record and work; while the store is away, the inbox holds what arrives."""
        await until_there(self.ledger.open)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.recorder.run(), name="recorder")
            tasks.create_task(self.media.run(), name="media")
            tasks.create_task(self.worker.run(), name="worker")
            tasks.create_task(self.opinions.run(), name="second-opinions")
            tasks.create_task(self.courier.run(), name="courier")
            tasks.create_task(self.escalations.run(), name="escalations")
            tasks.create_task(self.news.run(), name="session-news")
            tasks.create_task(self.events.run(), name="events")
            tasks.create_task(self.retention.run(), name="retention")
            for loop in self.upkeep:
                tasks.create_task(loop.run(), name="upkeep")


def _open_inbox(path: Path) -> SqliteInbox:
    inbox = SqliteInbox(path)
    if inbox.corrupt_file is not None:
        log.error("inbox_file_damaged", kept_as=str(inbox.corrupt_file), rescued=inbox.rescued)
    return inbox


def _rested(row_id: int, intake: HttpIntake, courier: Courier | None) -> None:
    intake.moved(row_id)
    if courier is not None:
        courier.hint()


def _changed(
    status: LinkStatus, announcer: Announcer, news: SessionNews, copies: SessionCopies
) -> None:
    if status.state is LinkState.PAIRING:
        copies.linked()
    elif status.state is LinkState.CONNECTED:
        copies.connected()
    announcer.changed(status)
    news.changed(status)


def _access(config: Config) -> Access:
    """The token is made at the first start, so that it is there when somebody asks for it."""
    api = config.api
    token = secret("bridge_api_token") or api_token.kept_token(config.state_dir)
    if len(token.get_secret_value()) < _SHORTEST_TOKEN:
        raise ConfigError(f"the API's token is shorter than {_SHORTEST_TOKEN} characters")
    secrets = signing_secrets(api.webhook_secrets)
    return Access(
        token=token,
        is_open_here=not api.needs_token,
        webhook=Door.TOKEN if api.webhook == "token" else Door.HERE,
        host_names=frozenset(api.allowed_hosts),
        signatures=Signatures(secrets) if secrets else None,
        limit=RateLimit(api.requests_per_second, api.requests_at_once),
    )


def _hint(media: MediaKeeper | None, worker: Worker) -> None:
    if media is not None:
        media.hint()
    worker.hint()


def _media_steps(
    config: Config, openai_key: SecretStr | None, link: Link, opened: AsyncExitStack
) -> MediaSteps:
    return MediaSteps(
        most_bytes=config.media.most_bytes,
        source=Downloads(link, config.whatsapp.proxy, _DOWNLOAD_SECONDS),
        files=MediaFiles(config.state_dir),
        writers=build_writers(config, openai_key, opened),
    )


def _owner(config: Config) -> str:
    """Who holds a lease: this installation, also after a restart, and no other on the store."""
    return f"{socket.gethostname()}:{config.state_dir.resolve()}"[-64:]
