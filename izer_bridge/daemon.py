"""`izer-bridge run`: boots the bridge, and stops it so that nothing is lost; it builds nothing."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import structlog
from pydantic import SecretStr

from izer_bridge.config import Config
from izer_bridge.domain.errors import TransientError
from izer_bridge.host import stage, state_directory, systemd
from izer_bridge.whatsapp.client.pairing import QrSeriesExhaustedError
from izer_bridge.whatsapp.link_announcer import RENEW_SIGNAL
from izer_bridge.wiring.bridge import build
from izer_bridge.wiring.parts import Parts
from izer_bridge.wiring.process import (
    GRACE_SECONDS,
    keep_what_is_loaded,
    raise_config_error,
    stop_on_signals,
    until_there,
)

log = structlog.get_logger(__name__)

EXIT_TRY_AGAIN = 75  # sysexits.h: EX_TEMPFAIL; the service manager starts a fresh process
# Waiting this long at the end for WhatsApp's server to answer avoids an uncertain reply.
_SENDING_SECONDS = 1.0
# A disk write that takes longer hangs; the watchdog counts from there.
_STANDSTILL_SECONDS = 20.0
# The client blocks a thread for good at every connect(); asyncio's default of 6 would run out.
_THREADS = 64
# The client waits for its callbacks, which busy code may delay by Python's default of 5 ms.
_SWITCH_SECONDS = 0.0002


async def run(config: Config, openai_key: SecretStr | None) -> int:
    """Work until SIGINT or SIGTERM; the exit code. Raises ConfigError."""
    _prepare_for_the_client()
    stop = stop_on_signals()
    async with AsyncExitStack() as opened:
        opened.enter_context(state_directory.prepare(config.state_dir))
        _tidy(config.state_dir)
        bridge = Bridge(await build(config, openai_key, opened))
        keep_what_is_loaded()
        try:
            return await bridge.work(stop)
        except ExceptionGroup as group:
            raise_config_error(group)
            raise


def _prepare_for_the_client() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    sys.setswitchinterval(_SWITCH_SECONDS)


def _tidy(state_dir: Path) -> None:
    """Fix what an older version left open to others, and remove what a killed command left."""
    if (mode := state_directory.tighten(state_dir)) is not None:
        log.warning("state_directory_tightened", path=str(state_dir), was=f"{mode:o}", now="700")
    if removed := stage.sweep(state_dir):
        log.info("unfinished_copies_removed", names=", ".join(removed))


class Bridge:
    """Starts the parts in order, and stops them in the order that drops nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._exit_code = 0

    async def work(self, stop: asyncio.Event) -> int:
        """Boot, run until told to stop, and stop; the exit code."""
        linked, events = self._parts.linked, self._parts.events
        await self._parts.server.start_or_wait()
        events.link_news.changed(linked.link.status)
        async with asyncio.TaskGroup() as tasks:
            running = {
                tasks.create_task(self._keep_linked(stop), name="link"),
                tasks.create_task(self._process(), name="pipeline"),
            }
            asyncio.get_running_loop().add_signal_handler(RENEW_SIGNAL, linked.link.pairing.renew)
            beside = [
                tasks.create_task(systemd.keep_watchdog(self._is_moving), name="watchdog"),
                tasks.create_task(linked.copies.run(), name="session-copies"),
                tasks.create_task(linked.guard.run(), name="disk-guard"),
                tasks.create_task(self._parts.server.keep_listening(), name="api"),
                tasks.create_task(self._parts.watch.run(), name="conditions"),
                tasks.create_task(self._parts.alarms.run(), name="alarms"),
            ]
            systemd.notify(READY="1")
            await stop.wait()
            systemd.notify(STOPPING="1")
            await self._stop()
            _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
            for task in (*late, *beside):
                task.cancel()
        log.info("stopped", inbox_depth=self._parts.stores.inbox.depth())
        return self._exit_code

    async def _keep_linked(self, stop: asyncio.Event) -> None:
        try:
            await self._parts.linked.link.run()
        except QrSeriesExhaustedError:
            log.warning("qr_codes_exhausted", hint="a fresh process shows new codes")
            self._exit_code = EXIT_TRY_AGAIN
            stop.set()

    async def _process(self) -> None:
        """Record and work; while the store is away, the inbox holds what arrives."""
        way, events, side = self._parts.way, self._parts.events, self._parts.side
        await until_there(self._parts.stores.ledger.open)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(way.recorder.run(), name="recorder")
            tasks.create_task(way.media.run(), name="media")
            tasks.create_task(way.worker.run(), name="worker")
            tasks.create_task(side.opinions.run(), name="second-opinions")
            tasks.create_task(way.courier.run(), name="courier")
            tasks.create_task(way.uploads.run(), name="uploads")
            tasks.create_task(side.escalations.run(), name="escalations")
            tasks.create_task(events.link_news.run(), name="session-news")
            tasks.create_task(events.courier.run(), name="events")
            tasks.create_task(side.retention.run(), name="retention")
            for loop in side.upkeep:
                tasks.create_task(loop.run(), name="upkeep")

    async def _stop(self) -> None:
        """Begin nothing new, then stop the arrivals, then record what has arrived."""
        way, events, side = self._parts.way, self._parts.events, self._parts.side
        way.media.stop()
        side.opinions.stop()
        side.escalations.stop()
        way.uploads.stop()
        way.courier.stop()
        await way.courier.rested(_SENDING_SECONDS)
        side.retention.stop()
        for loop in side.upkeep:
            loop.stop()
        await asyncio.gather(self._parts.linked.link.stop(), self._parts.server.stop())
        await events.link_news.stop()
        events.courier.stop()
        way.recorder.stop()
        way.worker.stop()

    async def _is_moving(self) -> bool:
        """Whether events reach the disk; hangs while the disk does. WhatsApp has no influence."""
        with suppress(TransientError):
            await asyncio.to_thread(self._parts.stores.inbox.answer)
        return self._parts.linked.receiver.still_seconds() < _STANDSTILL_SECONDS
