"""Agents as the settings request them."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from izer_bridge.config import Config
from izer_bridge.domain.errors import ConfigError
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.worker import Steps
from izer_bridge.wiring.work import build_steps
from tests.servers.agent import ANSWER, AgentServer

SECRET = "whsec_" + "c2VjcmV0" * 6
BODY = {"message": {"current_message": "Merhaba"}}

Built = Callable[[dict[str, Any]], Awaitable[Steps]]


@pytest.fixture
async def built(tmp_path: Path) -> AsyncIterator[Built]:
    """Builds the steps for these agents; all is closed at the end."""
    async with AsyncExitStack() as opened:

        async def build(agents: dict[str, Any]) -> Steps:
            settings = Config(agents=agents, store={"url": f"sqlite:///{tmp_path / 'store.db'}"})
            ledger = SqlLedger(settings.store_url, Screening(settings.importance, False), "me")
            opened.push_async_callback(ledger.close)
            return await build_steps(settings, None, ledger, opened)

        yield build


async def test_an_agent_more_is_called_signed_and_within_its_limits(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEF_SECRET", SECRET)
    async with AgentServer() as server:
        chef = {"url": server.url, "secrets": ["chef_secret"], "timeout_seconds": 7}
        agents = (await built({"chef": chef})).agents
        assert agents["chef"].timeout_seconds == 7
        async with agents["chef"].turn():
            assert await agents["chef"].process(BODY, "msg_1") == ANSWER
    [request] = server.requests
    assert Webhook(SECRET).verify(request.body, dict(request.headers)) == BODY


async def test_a_url_replaces_a_built_in_agent(built: Built) -> None:
    agents = (await built({"code_debugger": {"url": "http://127.0.0.1:8094"}})).agents
    assert agents["code_debugger"].url == "http://127.0.0.1:8094"
    assert agents["business_workflow"].url is None


@pytest.mark.parametrize("kind", ["http", "a2a"])
async def test_whose_secret_is_not_there_is_not_called_without(built: Built, kind: str) -> None:
    chef = {"url": "http://127.0.0.1:1", "kind": kind, "secrets": ["chef_secret"]}
    with pytest.raises(ConfigError, match="there is no secret chef_secret"):
        await built({"chef": chef})


async def test_without_the_extra_the_operator_is_told(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "a2a.client", None)
    monkeypatch.delitem(sys.modules, "izer_bridge.agents.a2a.client", raising=False)
    with pytest.raises(ConfigError) as error:
        await built({"chef": {"url": "http://127.0.0.1:1", "kind": "a2a"}})
    said = "agents.chef.kind = 'a2a': needs the extra: pip install izer-bridge[a2a]"
    assert str(error.value) == said
