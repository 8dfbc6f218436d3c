"""Makes of the settings what the bridge and a worker of its own have in common."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from random import SystemRandom

import aiohttp
from pydantic import SecretStr

from izer_bridge.agents.builtin import builtin_agents
from izer_bridge.analysis import local
from izer_bridge.config import AGENT_NAMES, Config
from izer_bridge.edges.agents import HttpAgent
from izer_bridge.edges.openai import OpenAIAnalyser
from izer_bridge.model.importance import ImportanceRules
from izer_bridge.pipeline.ports import Agent
from izer_bridge.pipeline.worker import Clock, Steps
from izer_bridge.store.ledger import SqlLedger
from izer_bridge.store.recording import Screening

CLOCK = Clock(
    now=lambda: datetime.now(UTC),
    milliseconds=lambda: time.monotonic() * 1000,
    chance=SystemRandom().random,
)
_CLOSE_SECONDS = 1.0
_LEASE_SPARE_SECONDS = 60.0
# The client blocks one thread for good at every connect(); asyncio's default of 6 runs out.
_THREADS = 64
# The client waits for its callbacks; Python's default lets busy code keep them waiting for 5 ms.
_SWITCH_SECONDS = 0.0002


def stop_on_signals() -> asyncio.Event:
    """Set by SIGINT and SIGTERM; call it first, in the running loop."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS))
    sys.setswitchinterval(_SWITCH_SECONDS)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def ledger_of(config: Config, owner: str, opened: AsyncExitStack) -> SqlLedger:
    """The store that the settings name; `opened` closes it."""
    rules = ImportanceRules.of(config.vip.numbers, config.groups.critical)
    ledger = SqlLedger(
        config.store_url,
        Screening(rules, config.groups.analyse_all),
        owner,
        lease_seconds=config.worker.lease_seconds or _lease_seconds(config),
    )
    opened.push_async_callback(_close_in_time, ledger)
    return ledger


async def steps_of(config: Config, openai_key: SecretStr | None, opened: AsyncExitStack) -> Steps:
    """The steps with the analysers and agents that the settings name; `opened` closes these."""
    local.prepare()
    remote = None
    if openai_key is not None:
        openai = config.openai
        remote = OpenAIAnalyser(
            openai.base_url, openai_key.get_secret_value(), openai.model, openai.timeout_seconds
        )
        opened.push_async_callback(remote.close)
    session = await opened.enter_async_context(aiohttp.ClientSession())
    return Steps(
        rules=[rule.as_rule() for rule in config.routing.rules],
        agents=_agents(config, session),
        remote=remote,
        model=config.openai.model,
        context_messages=config.analysis.context_messages,
    )


def bridge_owner(config: Config) -> str:
    """Who holds a lease: this installation, also after a restart, and no other on the store."""
    return f"{socket.gethostname()}:{config.state_dir.resolve()}"[-64:]


def worker_owner() -> str:
    """A worker has nothing that outlives it; what it held is free when its lease runs out."""
    return f"{socket.gethostname()}:worker:{os.getpid()}"[-64:]


def _lease_seconds(config: Config) -> float:
    """Longer than an analysis and a call of the slowest agent can take together."""
    agents = max(config.agent(name).timeout_seconds for name in AGENT_NAMES)
    return config.openai.timeout_seconds + agents + _LEASE_SPARE_SECONDS


async def _close_in_time(ledger: SqlLedger) -> None:
    """A store that hangs must not hold the end of the process."""
    with suppress(TimeoutError):
        await asyncio.wait_for(ledger.close(), _CLOSE_SECONDS)


def _agents(config: Config, session: aiohttp.ClientSession) -> Mapping[str, Agent]:
    """The built-in agents, each replaced by the one at its URL where a URL is set."""
    agents = builtin_agents()
    for name in agents:
        settings = config.agent(name)
        if settings.url:
            agents[name] = HttpAgent(name, settings.url, session, settings.timeout_seconds)
    return agents
