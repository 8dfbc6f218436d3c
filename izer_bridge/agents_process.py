"""`izer-bridge agents`: serves the built-in agents, each on its own port; links to nothing."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

import aiohttp
import structlog
from aiohttp import web
from pydantic import SecretStr

from izer_bridge.agents.ports import Agent
from izer_bridge.agents.process_server import agent_application
from izer_bridge.agents.wiring import build_author, build_builtin, remote_agents
from izer_bridge.analysis.budget import Spending
from izer_bridge.config import AGENT_NAMES, Config, signing_secrets
from izer_bridge.domain.errors import ConfigError, UsageError
from izer_bridge.host import systemd
from izer_bridge.host.clock import CLOCK
from izer_bridge.web.server import Server
from izer_bridge.web.signing import signers
from izer_bridge.wiring.process import stop_on_signals

log = structlog.get_logger(__name__)

_ABOUT = {
    "agent_hub": "Gives a customer's message to the agent that it suits best.",
    "business_workflow": "Orders, deliveries, appointments and complaints of a bicycle shop.",
    "code_debugger": "Faults of bicycles and e-bikes, error codes, and the shop's own systems.",
    "general_purpose": "General questions, answered from what the shop has written down.",
}


class NothingStored:
    """These processes have no store: their cap applies to their own spending."""

    async def spent_since(self, moment: datetime) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Listening:
    """Where they listen: on loopback, since none requires a token; port 0 takes free ones."""

    host: str
    first_port: int

    def port_of(self, name: str) -> int:
        return self.first_port and self.first_port + AGENT_NAMES.index(name)


def checked_place(host: str, first_port: int) -> Listening:
    """Raises ConfigError for a host that others could reach."""
    try:
        is_loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise UsageError(f"--host {host}: expected a loopback address such as 127.0.0.1")
    return Listening(host, first_port)


async def run(
    settings: Config, key: SecretStr | None, names: tuple[str, ...], place: Listening
) -> None:
    """Serve until a signal. Raises ConfigError."""
    stop = stop_on_signals()
    async with AsyncExitStack() as opened:
        spending = Spending(
            NothingStored(), settings.openai.price, settings.openai.budget, CLOCK.now
        )
        author = build_author(settings, key, spending, opened)
        session = await opened.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        # Agents served here need not be called over HTTP.
        others = remote_agents(settings, session, opened)
        outside = {name: agent for name, agent in others.items() if name not in AGENT_NAMES}
        known = build_builtin(settings, author, outside)
        for name in names:
            await _serve(settings, known[name], name, place, opened)
        log.info("agents_started", agents=list(names), writes_with_openai=author is not None)
        systemd.notify(READY="1", STATUS=f"serving {', '.join(names)}")
        await stop.wait()
        systemd.notify(STOPPING="1")
    log.info("stopped")


async def _serve(
    settings: Config, agent: Agent, name: str, place: Listening, opened: AsyncExitStack
) -> None:
    secrets = signing_secrets(settings.agent(name).secrets)
    capabilities, verifiers = settings.capabilities[name], signers(secrets)
    app = agent_application(name, agent, capabilities, verifiers)
    server = Server(app, place.host, place.port_of(name))
    app.add_routes(_a2a_routes(name, agent, capabilities, secrets, lambda: server.url))
    try:
        await opened.enter_async_context(server)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    log.info("agent_started", agent=name, url=server.url, is_signed=bool(verifiers))


def _a2a_routes(
    name: str,
    agent: Agent,
    capabilities: Sequence[str],
    secrets: Sequence[SecretStr],
    url: Callable[[], str],
) -> Sequence[web.AbstractRouteDef]:
    """A card and an endpoint if the extra is installed; signing secrets serve as bearer tokens."""
    try:
        from izer_bridge.agents.a2a.server import Served, a2a_routes
    except ModuleNotFoundError:
        log.info("a2a_not_served", agent=name, hint="pip install izer-bridge[a2a]")
        return ()
    return a2a_routes(Served(name, _ABOUT[name], capabilities, agent), url, secrets)


def names_of(only: str | None) -> tuple[str, ...]:
    """All four, or the requested one. Raises ConfigError for any other."""
    if only is None:
        return AGENT_NAMES
    if only not in AGENT_NAMES:
        allowed = ", ".join(AGENT_NAMES)
        raise UsageError(f"--only: there is no built-in agent {only!r}; allowed: {allowed}")
    return (only,)
