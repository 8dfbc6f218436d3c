"""Builds the parts that the bridge and a worker process have in common; it refuses to run them."""

import asyncio
import gc
import itertools
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import structlog
from pydantic import SecretStr

from izer_bridge.agents.builtin.agent_hub import HUB, Member
from izer_bridge.agents.builtin.four import CAPABILITIES, builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.agents.limits import GuardedAgent, InTurn, Limits
from izer_bridge.agents.model_reply_port import ModelBudget
from izer_bridge.agents.ports import Agent
from izer_bridge.agents.rules import rules_of
from izer_bridge.analysis.analyse import Analysing
from izer_bridge.analysis.budget import Spending
from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.config import AGENT_NAMES, Config, secret, signing_secrets
from izer_bridge.config.agents import Agent as AgentSettings
from izer_bridge.domain.errors import ConfigError, DamagedStoreError, TransientError
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.escalation.wiring import deadlines
from izer_bridge.events.deliver import EventCourier
from izer_bridge.events.http_target import HttpTarget, open_session
from izer_bridge.events.ports import EventTarget
from izer_bridge.host.clock import CLOCK
from izer_bridge.host.memory import give_back
from izer_bridge.media.decide import MediaWording
from izer_bridge.media.ports import MediaDescriber
from izer_bridge.pipeline.automatic import AutomaticTexts
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.worker import Steps
from izer_bridge.replies.wiring import reply_policy

if TYPE_CHECKING:
    from izer_bridge.agents.builtin.model_reply import ReplyWriter

log = structlog.get_logger(__name__)

# As many as OpenAI is asked about at once, and as many again, whose questions are ready by then.
CHATS_SIDE_BY_SIDE = 32
# With what else ends under the 10 s that the service manager is promised.
GRACE_SECONDS = 3.0
_CLOSE_SECONDS = 1.0
_NEW_OBJECTS = 10_000
# Of an agent's time: a model's call, and one that the hub tries over HTTP before it.
_SHARE_OF_A_MODEL, _SHARE_OF_A_MEMBER = 0.5, 0.4
_LONGEST_PAUSE_SECONDS = 15.0


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
    # Waiting for one's turn to be analysed, or to call an agent, may take as long as that does.
    agent = max(config.agent(name).timeout_seconds for name in config.agent_names)
    working = 2 * (config.openai.timeout_seconds + agent)
    ledger = SqlLedger(
        config.store_url,
        Screening(
            config.importance,
            config.groups.analyse_all,
            reply_policy(config),
            AutomaticTexts.of(config.whatsapp.automatic_messages),
        ),
        owner,
        subscriptions=config.events.subscriptions,
        lease_seconds=working + config.worker.lease_spare_seconds,
    )
    opened.push_async_callback(in_time, ledger.close)
    return ledger


def keep_what_is_loaded() -> None:
    """Spare the garbage collector what the start has built, which stays to the end.

    A full collection walks 300,000 objects of word lists and modules, and holds every thread and
    the client's callbacks for 0.14 s; of these it never finds one to free.
    """
    gc.collect()
    gc.freeze()
    # A history makes tens of thousands of objects that live on; looking at them after each 700
    # takes an eighth of its time.
    gc.set_threshold(_NEW_OBJECTS)
    give_back()


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
            is_damaged = isinstance(error, DamagedStoreError)
            tell = log.error if is_damaged else log.warning
            tell("store_damaged" if is_damaged else "store_unavailable", error=str(error))
            await asyncio.sleep(backoff_seconds(attempt, longest=_LONGEST_PAUSE_SECONDS))
        else:
            break


async def build_steps(
    config: Config, openai_key: SecretStr | None, ledger: SqlLedger, opened: AsyncExitStack
) -> Steps:
    """Analysers, rules and agents; what must be closed at the end goes on `opened`."""
    local_analyser.prepare()
    remote, openai = None, config.openai
    if openai_key is not None:
        if openai.price is None:
            log.warning("price_unknown", model=openai.model, hint="see openai.prices")
        # Its 500 modules take 15 MB, which a bridge without a key does not spend.
        from izer_bridge.analysis.openai_analyser import OpenAIAnalyser

        key = openai_key.get_secret_value()
        remote = OpenAIAnalyser(
            openai.base_url,
            key,
            openai.model,
            openai.timeout_seconds,
            openai.mask,
            max_concurrent=openai.max_concurrent,
        )
        opened.push_async_callback(remote.close)
    session = await opened.enter_async_context(
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    )
    spending = Spending(ledger, openai.price, openai.budget, CLOCK.now)
    author = build_author(config, openai_key, spending, opened)
    elsewhere = remote_agents(config, session, opened)
    return Steps(
        rules=rules_of(config.routing),
        agents=_agents(config, author, elsewhere),
        here=_answering_here(author, elsewhere),
        analysing=Analysing(
            remote, config.openai.model, config.analysis.context_messages, spending
        ),
        when_down=config.routing.when_down,
        zone=config.shop.zone,
        deadlines=deadlines(config),
    )


def build_writers(
    config: Config, openai_key: SecretStr | None, opened: AsyncExitStack
) -> Mapping[MediaWording, MediaDescriber]:
    """Who puts which files into words; nobody does without a key."""
    if openai_key is None:
        return {}
    from izer_bridge.media.openai_words import Describer, Transcriber

    media, openai = config.media, config.openai
    endpoint = openai.base_url, openai_key.get_secret_value()
    writers: dict[MediaWording, MediaDescriber] = {}
    if media.transcribe:
        transcriber = Transcriber(*endpoint, media.transcription_model, openai.timeout_seconds)
        opened.push_async_callback(transcriber.close)
        writers[MediaWording.TRANSCRIPT] = transcriber
    if media.describe:
        describer = Describer(*endpoint, media.description_model, openai.timeout_seconds)
        opened.push_async_callback(describer.close)
        writers[MediaWording.DESCRIPTION] = describer
    return writers


def build_author(
    config: Config, openai_key: SecretStr | None, spending: Spending, opened: AsyncExitStack
) -> "ReplyWriter | None":
    """Who words the built-in agents' replies; None where templates do."""
    openai, builtin = config.openai, config.agents_builtin
    if openai_key is None or not builtin.write_with_openai:
        return None
    model, key = builtin.model or openai.model, openai_key.get_secret_value()
    # Where the model does not answer, the template must be there before the agent's time is up.
    longest = min(config.agent(name).timeout_seconds for name in AGENT_NAMES)
    seconds = min(openai.timeout_seconds, longest * _SHARE_OF_A_MODEL)
    from izer_bridge.agents.builtin.model_reply import ReplyWriter
    from izer_bridge.agents.openai_replies import OpenAIReplies

    model_replies = OpenAIReplies(openai.base_url, key, model, seconds)
    opened.push_async_callback(model_replies.close)
    return ReplyWriter(model_replies, ModelBudget(spending, openai.price_of(model)), openai.mask)


def _agents(
    config: Config, author: "ReplyWriter | None", remote: dict[str, GuardedAgent]
) -> Mapping[str, GuardedAgent]:
    """The built-in agents, each replaced by the one at its URL, and those that have only a URL."""
    builtin = build_builtin(config, author, remote)
    return {name: _guarded(config, name, agent) for name, agent in builtin.items()} | remote


def _answering_here(
    author: "ReplyWriter | None", elsewhere: Mapping[str, GuardedAgent]
) -> frozenset[str]:
    """The built-in agents that ask nobody; the hub asks whoever else is there."""
    if author is not None:
        return frozenset()
    return frozenset({*CAPABILITIES, *(() if elsewhere else (HUB,))} - elsewhere.keys())


def build_builtin(
    config: Config, author: "ReplyWriter | None", remote: Mapping[str, GuardedAgent]
) -> dict[str, Agent]:
    """The four; the hub chooses among them and `remote`. Raises ConfigError for a wrong folder."""
    members = {
        name: Member(InTurn(agent), config.capabilities[name]) for name, agent in remote.items()
    }
    members.pop(HUB, None)
    folder = config.agents_builtin.knowledge_dir
    library = Library(Path(folder) if folder else None)
    patience = config.agent(HUB).timeout_seconds * _SHARE_OF_A_MEMBER
    return builtin_agents(library, author, members, patience)


def remote_agents(
    config: Config, session: aiohttp.ClientSession, opened: AsyncExitStack
) -> dict[str, GuardedAgent]:
    """Those with a URL. Raises ConfigError for a secret or an extra that is not there."""
    return {
        name: _guarded(config, name, _remote_agent(name, settings, session, opened))
        for name, settings in config.agents.items()
        if settings.url
    }


def _guarded(config: Config, name: str, agent: Agent) -> GuardedAgent:
    return GuardedAgent(name, agent, _limits(config.agent(name)), CLOCK.milliseconds)


def _remote_agent(
    name: str, settings: AgentSettings, session: aiohttp.ClientSession, opened: AsyncExitStack
) -> Agent:
    if settings.kind == "http":
        return HttpAgent(name, settings.url, session, signing_secrets(settings.secrets))
    try:
        from izer_bridge.agents.a2a.client import A2aAgent
    except ModuleNotFoundError:
        raise ConfigError(
            f"agents.{name}.kind = 'a2a': needs the extra: pip install izer-bridge[a2a]"
        ) from None
    agent = A2aAgent(name, settings.url, _token(settings))
    opened.push_async_callback(agent.close)
    return agent


def _token(settings: AgentSettings) -> SecretStr | None:
    if not settings.secrets:
        return None
    name = settings.secrets[0]
    if (token := secret(name)) is None:
        raise ConfigError(f"there is no secret {name}; see agents in config.toml")
    return token


def _limits(settings: AgentSettings) -> Limits:
    return Limits(
        settings.timeout_seconds,
        settings.max_concurrent,
        settings.breaker_failures,
        settings.breaker_pause_seconds,
    )


async def build_event_courier(
    config: Config, ledger: SqlLedger, opened: AsyncExitStack
) -> EventCourier:
    """Who brings events to the settings' targets. Raises ConfigError for a secret that lacks."""
    session = await opened.enter_async_context(open_session())
    targets: dict[str, EventTarget] = {
        one.name: HttpTarget(one.url, signing_secrets(one.secrets), session, one.timeout_seconds)
        for one in config.events.targets
    }
    return EventCourier(ledger.deliveries(), targets, CLOCK)
