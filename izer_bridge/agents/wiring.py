"""Builds the agents from the settings: built in or over HTTP, each within its limits."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from pydantic import SecretStr

from izer_bridge.agents.builtin.agent_hub import HUB, Member
from izer_bridge.agents.builtin.four import CAPABILITIES, builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.agents.limits import GuardedAgent, InTurn, Limits
from izer_bridge.agents.model_wording import ModelBudget
from izer_bridge.agents.ports import Agent
from izer_bridge.analysis.budget import Spending
from izer_bridge.config import AGENT_NAMES, Config, secret, signing_secrets
from izer_bridge.config.agents import Agent as AgentSettings
from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.clock import CLOCK

if TYPE_CHECKING:
    from izer_bridge.agents.builtin.model_reply import ReplyWriter

# Shares of an agent's time: for a model's call, and for one that the hub tries over HTTP before it.
_SHARE_OF_A_MODEL, _SHARE_OF_A_MEMBER = 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Answerers:
    """All agents by name; `here` are those that answer immediately, within this process."""

    agents: Mapping[str, GuardedAgent]
    here: frozenset[str]


async def build_agents(
    config: Config, openai_key: SecretStr | None, spending: Spending, opened: AsyncExitStack
) -> Answerers:
    """Anything that must be closed at the end is pushed on `opened`. Raises ConfigError."""
    session = await opened.enter_async_context(
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    )
    author = build_author(config, openai_key, spending, opened)
    elsewhere = remote_agents(config, session, opened)
    return Answerers(_agents(config, author, elsewhere), _answering_here(author, elsewhere))


def build_author(
    config: Config, openai_key: SecretStr | None, spending: Spending, opened: AsyncExitStack
) -> "ReplyWriter | None":
    """The model that words the built-in agents' replies; None if templates do."""
    openai, builtin = config.openai, config.agents_builtin
    if openai_key is None or not builtin.write_with_openai:
        return None
    model, key = builtin.model or openai.model, openai_key.get_secret_value()
    # If the model does not answer, the template must be there before the agent's time is up.
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
    """The built-in agents, each replaced by the one at its URL, and agents with only a URL."""
    builtin = build_builtin(config, author, remote)
    return {name: _guarded(config, name, agent) for name, agent in builtin.items()} | remote


def _answering_here(
    author: "ReplyWriter | None", elsewhere: Mapping[str, GuardedAgent]
) -> frozenset[str]:
    """The built-in agents that ask nobody; the hub asks any other agent there is."""
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
    """Those with a URL. Raises ConfigError for a secret or an extra that is missing."""
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
    return Limits(settings.timeout_seconds)
