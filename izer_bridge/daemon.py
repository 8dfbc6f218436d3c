"""Builds every object of the bridge, starts them in order, and stops them so nothing is lost."""

import asyncio
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import SecretStr

from izer_bridge import __version__
from izer_bridge.api.access import Access
from izer_bridge.api.app import application
from izer_bridge.api.ports import Health
from izer_bridge.api.rate import RateLimit
from izer_bridge.api.server import Server
from izer_bridge.api.signature import Signatures
from izer_bridge.config import Config, secret, signing_secrets
from izer_bridge.edges import api_token, statedir, systemd
from izer_bridge.edges.media import MediaFiles
from izer_bridge.edges.terminal import QrDisplay
from izer_bridge.edges.whatsapp.convert import messages_of
from izer_bridge.edges.whatsapp.directory import Directory
from izer_bridge.edges.whatsapp.downloads import Downloads
from izer_bridge.edges.whatsapp.link import Callbacks, Link, QrSeriesExhaustedError
from izer_bridge.edges.whatsapp.receiver import Care, Receiver
from izer_bridge.edges.whatsapp.suspicion import gaps_of
from izer_bridge.model.errors import ConfigError, TransientError
from izer_bridge.model.gap import Gap
from izer_bridge.model.link import LinkState, LinkStatus
from izer_bridge.model.message import Message
from izer_bridge.parts import (
    CHATS_SIDE_BY_SIDE,
    CLOCK,
    GRACE_SECONDS,
    build_courier,
    build_ledger,
    build_steps,
    build_writers,
    raise_config_error,
    stop_on_signals,
    until_there,
)
from izer_bridge.pipeline.courier import Courier
from izer_bridge.pipeline.intake import HttpIntake
from izer_bridge.pipeline.media import MediaKeeper, MediaSteps
from izer_bridge.pipeline.ports import InboxEntry
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.retention import Retention
from izer_bridge.pipeline.second_opinions import SecondOpinions
from izer_bridge.pipeline.session_news import SessionNews
from izer_bridge.pipeline.worker import Worker
from izer_bridge.store.damage import set_aside_if_damaged
from izer_bridge.store.inbox import SqliteInbox
from izer_bridge.store.ledger import SqlLedger

log = structlog.get_logger(__name__)

EXIT_TRY_AGAIN = 75  # sysexits.h: EX_TEMPFAIL; the service manager starts a fresh process
# With the grace under the 10 s that the service manager is promised.
_API_STOP_SECONDS = 3.0
_SHORTEST_TOKEN = 32
_HEALTH_SECONDS = 1.0
_DOWNLOAD_SECONDS = 30.0
_MIB = 1024 * 1024
# The client blocks one thread for good at every connect(); asyncio's default of 6 runs out.
_THREADS = 64
# The client waits for its callbacks; Python's default lets busy code keep them waiting for 5 ms.
_SWITCH_SECONDS = 0.0002


async def run(config: Config, openai_key: SecretStr | None) -> int:
    """Work until SIGINT or SIGTERM; the exit code. Raises ConfigError."""
    _prepare_for_the_client()
    stop = stop_on_signals()
    async with AsyncExitStack() as opened:
        opened.enter_context(statedir.prepare(config.state_dir))
        bridge = await Bridge.build(config, openai_key, opened)
        try:
            return await bridge.work(stop)
        except ExceptionGroup as group:
            raise_config_error(group)
            raise


def _prepare_for_the_client() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    sys.setswitchinterval(_SWITCH_SECONDS)


@dataclass
class Bridge:
    """Everything that runs, in the order of a message's way."""

    link: Link
    inbox: SqliteInbox
    recorder: Recorder
    ledger: SqlLedger
    media: MediaKeeper
    worker: Worker
    opinions: SecondOpinions
    news: SessionNews
    courier: Courier
    retention: Retention
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
        courier = await build_courier(config, ledger, opened)
        news = SessionNews(ledger.deliveries().tell_status, CLOCK.now)
        session_file = _checked_session(config.state_dir / "session.db")
        link = Link(
            session_file,
            Receiver(inbox, session_file, _care(config)),
            Callbacks(
                arrived=lambda: recorder.arrived(),
                changed=lambda status: _announce(status, news),
                show_code=QrDisplay(sys.stdout, invert=config.whatsapp.invert_qr).show,
                group_named=lambda group, name: directory.rename_group(group, name),
            ),
            config.whatsapp.device_name,
            config.whatsapp.proxy,
        )
        directory = Directory(link)
        recorder = Recorder(
            inbox,
            ledger,
            lambda entry: _contents(entry, link),
            directory,
            recorded=lambda: _hint(media, worker),
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
            steps,
            CLOCK,
            again.again_within_hours,
            again.again_every_seconds,
        )
        retention = Retention(
            ledger.retention(),
            MediaFiles(config.state_dir),
            CLOCK,
            config.retention.days,
            config.retention.at_hour,
        )
        intake = HttpIntake(ledger, worker.hint)
        worker.on_rest(intake.moved)
        health = Condition(link, inbox, ledger, time.monotonic())
        server = Server(
            application(intake, health, ledger, _access(config)),
            config.api.host,
            config.api.port,
            stop_seconds=_API_STOP_SECONDS,
        )
        return cls(
            link,
            inbox,
            recorder,
            ledger,
            media,
            worker,
            opinions,
            news,
            courier,
            retention,
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
            systemd.notify(READY="1")
            await stop.wait()
            systemd.notify(STOPPING="1")
            self.media.stop()
            self.opinions.stop()
            self.retention.stop()
            await asyncio.gather(self.link.stop(), self.server.stop())
            await self.news.stop()
            self.courier.stop()
            self.recorder.stop()
            self.worker.stop()
            _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
        log.info("stopped", inbox_depth=self.inbox.depth())
        return self.exit_code

    async def _keep_linked(self, stop: asyncio.Event) -> None:
        try:
            await self.link.run()
        except QrSeriesExhaustedError:
            log.warning("qr_codes_exhausted", hint="nobody scanned; a fresh start shows new codes")
            self.exit_code = EXIT_TRY_AGAIN
            stop.set()

    async def _process(self) -> None:
        """Record and work; while the store is away, the inbox holds what arrives."""
        await until_there(self.ledger.open)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.recorder.run(), name="recorder")
            tasks.create_task(self.media.run(), name="media")
            tasks.create_task(self.worker.run(), name="worker")
            tasks.create_task(self.opinions.run(), name="second-opinions")
            tasks.create_task(self.news.run(), name="session-news")
            tasks.create_task(self.courier.run(), name="courier")
            tasks.create_task(self.retention.run(), name="retention")


@dataclass(frozen=True, slots=True)
class Condition:
    """How the parts stand, as `GET /health` shows them."""

    link: Link
    inbox: SqliteInbox
    ledger: SqlLedger
    started_at: float

    async def health(self) -> Health:
        last_event_at = self.link.last_event_at
        now = time.monotonic()
        return Health(
            link_state=str(self.link.status.state),
            link_sentence=self.link.status.sentence,
            is_linked=self.link.status.state is LinkState.CONNECTED,
            is_store_ok=await self.ledger.is_reachable(),
            is_inbox_ok=self.inbox.is_writable,
            inbox_depth=self.inbox.depth(),
            last_event_age_seconds=None if last_event_at is None else now - last_event_at,
            version=__version__,
            uptime_seconds=now - self.started_at,
            open_gaps=await self._open_gaps(),
        )

    async def _open_gaps(self) -> int | None:
        try:
            async with asyncio.timeout(_HEALTH_SECONDS):
                return await self.ledger.open_gaps()
        except (TransientError, TimeoutError):
            return None


def _open_inbox(path: Path) -> SqliteInbox:
    inbox = SqliteInbox(path)
    if inbox.corrupt_file is not None:
        log.error("inbox_file_damaged", kept_as=str(inbox.corrupt_file), rescued=inbox.rescued)
    return inbox


def _checked_session(path: Path) -> Path:
    if kept := set_aside_if_damaged(path):
        hint = "scan the QR code again; the phone may still show the old linked device"
        log.error("session_file_damaged", kept_as=str(kept), hint=hint)
    return path


def _contents(entry: InboxEntry, link: Link) -> list[Message | Gap]:
    if link.account is None:
        raise TransientError("WhatsApp has not said yet which number is linked")
    return [
        *messages_of(entry.code, entry.payload, link.account),
        *gaps_of(entry.code, entry.payload, link.account, entry.received_at),
    ]


def _announce(status: LinkStatus, news: SessionNews) -> None:
    news.changed(status)
    systemd.notify(STATUS=status.sentence)
    log.info("link_changed", state=str(status.state), sentence=status.sentence)


def _access(config: Config) -> Access:
    """The token is made at the first start, so that it is there when somebody asks for it."""
    api = config.api
    token = secret("bridge_api_token") or api_token.kept_token(config.state_dir)
    if len(token.get_secret_value()) < _SHORTEST_TOKEN:
        raise ConfigError(f"the API's token is shorter than {_SHORTEST_TOKEN} characters")
    secrets = signing_secrets(api.webhook_secrets)
    return Access(
        token=token if api.needs_token else None,
        host_names=frozenset(api.allowed_hosts),
        signatures=Signatures(secrets) if secrets else None,
        limit=RateLimit(api.requests_per_second, api.requests_at_once),
    )


def _hint(media: MediaKeeper, worker: Worker) -> None:
    media.hint()
    worker.hint()


def _media_steps(
    config: Config, openai_key: SecretStr | None, link: Link, opened: AsyncExitStack
) -> MediaSteps:
    return MediaSteps(
        most_bytes=config.media.max_mb * _MIB if config.media.download else None,
        source=Downloads(link, _DOWNLOAD_SECONDS),
        files=MediaFiles(config.state_dir),
        writers=build_writers(config, openai_key, opened),
    )


def _owner(config: Config) -> str:
    """Who holds a lease: this installation, also after a restart, and no other on the store."""
    return f"{socket.gethostname()}:{config.state_dir.resolve()}"[-64:]


def _care(config: Config) -> Care:
    whatsapp = config.whatsapp
    return Care(gate=whatsapp.gate, receipts=whatsapp.hold_receipts, undo=whatsapp.undo_at_risk)
