"""`izer-bridge worker`: works messages of a shared store; links to nothing and records nothing."""

import asyncio
import os
import secrets
import socket
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from izer_bridge.config import Config
from izer_bridge.domain.errors import ConfigError
from izer_bridge.host import systemd
from izer_bridge.host.clock import CLOCK
from izer_bridge.pipeline.signals import WorkSignals
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.worker import Worker
from izer_bridge.wiring.process import (
    GRACE_SECONDS,
    in_time,
    keep_what_is_loaded,
    raise_config_error,
    stop_on_signals,
    until_there,
)
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE, build_ledger, build_steps

log = structlog.get_logger(__name__)


async def run(config: Config, openai_key: SecretStr | None) -> int:
    """Work until SIGINT or SIGTERM; the exit code. Raises ConfigError."""
    _refuse_a_private_store(config.store.url)
    stop = stop_on_signals()
    owner = _owner()
    async with AsyncExitStack() as opened:
        ledger = build_ledger(config, owner, opened)
        steps = await build_steps(config, openai_key, ledger, opened)
        worker = Worker(ledger, steps, CLOCK, CHATS_SIDE_BY_SIDE, WorkSignals())
        keep_what_is_loaded()
        try:
            await _work(ledger, worker, owner, stop)
        except ExceptionGroup as group:
            raise_config_error(group)
            raise
    log.info("stopped", owner=owner)
    return 0


async def _work(ledger: SqlLedger, worker: Worker, owner: str, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(_join_and_work(ledger, worker, owner), name="worker")
        systemd.notify(READY="1")
        await stop.wait()
        systemd.notify(STOPPING="1")
        worker.stop()
        await asyncio.wait([working], timeout=GRACE_SECONDS)
        working.cancel()
    await in_time(ledger.release)


async def _join_and_work(ledger: SqlLedger, worker: Worker, owner: str) -> None:
    await until_there(ledger.join)
    log.info("worker_started", owner=owner)
    await worker.run()


def _refuse_a_private_store(url: str) -> None:
    if urlsplit(url).scheme not in ("mysql", "mariadb"):
        raise ConfigError(
            "store.url: a worker needs the store that the bridge shares with it; "
            "expected mysql://user:password@host:port/database"
        )


def _owner() -> str:
    """Unique on every machine: only its owner gives a lease back."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
