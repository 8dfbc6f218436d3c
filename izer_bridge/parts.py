"""Builds the parts that the bridge and a worker process have in common; it refuses to run them."""

import asyncio
import itertools
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from random import SystemRandom

import aiohttp
import structlog
from pydantic import SecretStr

from izer_bridge.agents.builtin import builtin_agents
from izer_bridge.analysis import local
from izer_bridge.config import AGENT_NAMES, Config, signing_secrets
from izer_bridge.edges.agents import HttpAgent
from izer_bridge.edges.events import HttpTarget, open_session
from izer_bridge.edges.openai import OpenAIAnalyser
from izer_bridge.edges.wording import Describer, Transcriber
from izer_bridge.model.errors import ConfigError, TransientError
from izer_bridge.model.media import Wording
from izer_bridge.model.retry import backoff_seconds
from izer_bridge.pipeline.courier import Courier
from izer_bridge.pipeline.ports import Agent, EventTarget, Writer
from izer_bridge.pipeline.spending import Spending
from izer_bridge.pipeline.worker import Clock, Steps
from izer_bridge.store.ledger import SqlLedger
from izer_bridge.store.recording import Screening

log = structlog.get_logger(__name__)

CHATS_SIDE_BY_SIDE = 16
# With what else ends under the 10 s that the service manager is promised.
GRACE_SECONDS = 4.0
_CLOSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 15.0

CLOCK = Clock(
    now=lambda: datetime.now(UTC),
    milliseconds=lambda: time.monotonic() * 1000,
    chance=SystemRandom().random,
)


def stop_on_signals() -> asyncio.Event:
    """Set by SIGINT and SIGTERM; needs a running loop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def raise_config_error(group: ExceptionGroup[Exception]) -> None:
    """Tasks' errors come in groups; a ConfigError among them is for the operator, by itself."""
    for error in group.exceptions:
        if isinstance(error, ConfigError):
            raise error from None
        if isinstance(error, ExceptionGroup):
            raise_config_error(error)


def build_ledger(config: Config, owner: str, opened: AsyncExitStack) -> SqlLedger:
    """The store; `owner` holds the leases, each longer than its message takes to be worked."""
    agents = max(config.agent(name).timeout_seconds for name in AGENT_NAMES)
    ledger = SqlLedger(
        config.store_url,
        Screening(config.importance, config.groups.analyse_all),
        owner,
        budget=config.openai.budget,
        subscriptions=config.events.subscriptions,
        lease_seconds=config.openai.timeout_seconds + agents + config.worker.lease_spare_seconds,
    )
    opened.push_async_callback(in_time, ledger.close)
    return ledger


async def in_time(end: Callable[[], Awaitable[None]]) -> None:
    """A store that hangs must not hold the end of the process."""
    with suppress(TimeoutError, TransientError):
        await asyncio.wait_for(end(), _CLOSE_SECONDS)


async def until_there(open_store: Callable[[], Awaitable[None]]) -> None:
    """Open the store, again and again while it is away. Raises ConfigError."""
    for attempt in itertools.count(1):
        try:
            await open_store()
        except TransientError as error:
            log.warning("store_unavailable", error=str(error))
            await asyncio.sleep(backoff_seconds(attempt, longest=_LONGEST_PAUSE_SECONDS))
        else:
            break


async def build_steps(
    config: Config, openai_key: SecretStr | None, ledger: SqlLedger, opened: AsyncExitStack
) -> Steps:
    """Analysers, rules and agents; what must be closed at the end goes on `opened`."""
    local.prepare()
    remote, openai = None, config.openai
    if openai_key is not None:
        if openai.price is None:
            log.warning("price_unknown", model=openai.model, hint="see openai.prices")
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
        spending=Spending(ledger, openai.price, config.openai.budget, CLOCK.now),
    )


def build_writers(
    config: Config, openai_key: SecretStr | None, opened: AsyncExitStack
) -> Mapping[Wording, Writer]:
    """Who puts which files into words; nobody does without a key."""
    if openai_key is None:
        return {}
    media, openai = config.media, config.openai
    endpoint = openai.base_url, openai_key.get_secret_value()
    writers: dict[Wording, Writer] = {}
    if media.transcribe:
        transcriber = Transcriber(*endpoint, media.transcription_model, openai.timeout_seconds)
        opened.push_async_callback(transcriber.close)
        writers[Wording.TRANSCRIPT] = transcriber
    if media.describe:
        describer = Describer(*endpoint, media.description_model, openai.timeout_seconds)
        opened.push_async_callback(describer.close)
        writers[Wording.DESCRIPTION] = describer
    return writers


async def build_courier(config: Config, ledger: SqlLedger, opened: AsyncExitStack) -> Courier:
    """Who brings events to the settings' targets. Raises ConfigError for a secret that lacks."""
    session = await opened.enter_async_context(open_session())
    targets: dict[str, EventTarget] = {
        one.name: HttpTarget(one.url, signing_secrets(one.secrets), session, one.timeout_seconds)
        for one in config.events.targets
    }
    return Courier(ledger.deliveries(), targets, CLOCK)


def _agents(config: Config, session: aiohttp.ClientSession) -> Mapping[str, Agent]:
    """The built-in agents, each replaced by the one at its URL where a URL is set."""
    agents = builtin_agents()
    for name in agents:
        settings = config.agent(name)
        if settings.url:
            agents[name] = HttpAgent(name, settings.url, session, settings.timeout_seconds)
    return agents
