"""The agent in docs/agents.md does what the document says."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.domain.errors import PermanentError

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "agents.md"
SECRET = "whsec_" + "c2VjcmV0" * 6
OTHER = "whsec_" + "b3RoZXIh" * 6
BODY = {"idempotency_key": "msg_1", "message": {"message_id": "3EB0"}}


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The document's agent, served."""
    monkeypatch.setenv("CHEF_SECRET", SECRET)
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "chef"}
    exec(code, names)  # noqa: S102
    runner = web.AppRunner(names["app"], access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_a_signed_call_is_answered_once_and_for_all(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        agent = HttpAgent("chef", url, session, [SecretStr(OTHER), SecretStr(SECRET)])
        answer = await agent.process(BODY, "msg_1")
        assert AgentAnswer.parse(answer).reply == "Bugün mercimek çorbası var."
        assert await agent.process(BODY, "msg_1") == answer


@pytest.mark.parametrize("secrets", [[], [SecretStr(OTHER)]])
async def test_anybody_else_is_refused(url: str, secrets: list[SecretStr]) -> None:
    async with aiohttp.ClientSession() as session:
        agent = HttpAgent("chef", url, session, secrets)
        with pytest.raises(PermanentError, match="chef answered 401"):
            await agent.process(BODY, "msg_1")
