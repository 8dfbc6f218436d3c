"""`izer-bridge worker`: works messages of a shared store, beside the bridge that records them.

It has no link to WhatsApp and needs no client library.
"""

import asyncio
import itertools
from contextlib import AsyncExitStack

import structlog
from pydantic import SecretStr

from izer_bridge.composition import CLOCK, ledger_of, steps_of, stop_on_signals, worker_owner
from izer_bridge.config import Config
from izer_bridge.edges import systemd
from izer_bridge.model.errors import ConfigError, TransientError
from izer_bridge.model.retry import backoff_seconds
from izer_bridge.pipeline.worker import Worker
from izer_bridge.store.ledger import SqlLedger

log = structlog.get_logger(__name__)

_GRACE_SECONDS = 6.0
_LONGEST_PAUSE_SECONDS = 15.0


async def run(config: Config, openai_key: SecretStr | None) -> int:
    """Work until SIGINT or SIGTERM; the exit code. Raises ConfigError."""
    if config.store_url.startswith("sqlite"):
        raise ConfigError(
            "store.url: a worker shares its store with the bridge over the network; "
            "expected mysql://… or mariadb://…"
        )
    stop = stop_on_signals()
    async with AsyncExitStack() as opened:
        owner = worker_owner()
        ledger = ledger_of(config, owner, opened)
        steps = await steps_of(config, openai_key, opened)
        worker = Worker(ledger, steps, CLOCK, config.worker.chats_side_by_side)
        systemd.notify(READY="1")
        if await _has_opened(ledger, stop):
            log.info("worker_started", owner=owner)
            await _work(worker, stop)
        systemd.notify(STOPPING="1")
    log.info("stopped")
    return 0


async def _has_opened(ledger: SqlLedger, stop: asyncio.Event) -> bool:
    """Wait for the store; False when told to stop before it was there."""
    for attempt in itertools.count(1):
        try:
            await ledger.open()
        except TransientError as error:
            log.warning("store_unavailable", error=str(error))
            try:
                pause = backoff_seconds(attempt, longest=_LONGEST_PAUSE_SECONDS)
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue
            return False
        return True
    return False


async def _work(worker: Worker, stop: asyncio.Event) -> None:
    working = asyncio.create_task(worker.run(), name="worker")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    worker.stop()
    _, late = await asyncio.wait({working}, timeout=_GRACE_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(working, return_exceptions=bool(late))
