"""`izer-bridge agents` as a process: four ports, signatures, refusals, a quiet end."""

import base64
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from izer_bridge.agents.a2a.client import A2aAgent
from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.process_server import LARGEST_BODY
from izer_bridge.config import AGENT_NAMES
from izer_bridge.domain.errors import PermanentError
from izer_bridge.simulator.process import BridgeProcess
from tests.agents.bodies import body
from tests.end_to_end.http import get, post

SECRET, OLD_SECRET = (f"whsec_{base64.b64encode(bytes([one]) * 24).decode()}" for one in (1, 2))
_STARTED = re.compile(r"agent_started.*?agent=(\S+).*?url=(\S+)")


def served(*arguments: str, first_port: str = "0", **environment: str) -> BridgeProcess:
    """On free ports; without a key."""
    command = [sys.executable, "-m", "izer_bridge", "agents", "--first-port", first_port]
    settings = {"OPENAI_API_KEY": "", "NO_COLOR": "1"} | environment
    return BridgeProcess([*command, *arguments], settings)


async def urls(process: BridgeProcess) -> dict[str, str]:
    await process.line("agents_started")
    plain = re.sub(r"\x1b\[\d+m", "", process.output)
    return dict(_STARTED.findall(plain))


async def send(
    url: str, content: bytes, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/process", data=content, headers=headers) as response,
    ):
        return response.status, await response.json(content_type=None)


async def test_the_four_are_served_and_end_quietly() -> None:
    async with served() as process:
        where = await urls(process)
        assert list(where) == list(AGENT_NAMES)
        for name, url in where.items():
            assert url.startswith("http://127.0.0.1:")
            status, health = await get(f"{url}/health")
            assert (status, health["status"], health["service"]) == (200, "ok", name)
            assert health["capabilities"]
            status, answer = await post(f"{url}/process", body("Siparişim nerede?", "support"))
            assert (status, answer["agent"], answer["needs_human"]) == (200, name, True)
            assert answer["actions"]
        assert "Siparişim" not in process.output
        assert await process.stop() == 0
        assert "stopped" in process.output


async def test_one_is_served_alone_and_tells_systemd(tmp_path: Path) -> None:
    notified = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(notified))
        receiver.settimeout(60)
        arguments = ("--only", "code_debugger", "--host", "localhost")
        async with served(*arguments, NOTIFY_SOCKET=str(notified)) as process:
            assert list(await urls(process)) == ["code_debugger"]
            assert b"READY=1" in receiver.recv(1000)
            assert await process.stop(signal.SIGINT) == 0
            assert receiver.recv(1000) == b"STOPPING=1"


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (("--only", "chef"), {}, 2, "there is no built-in agent 'chef'; allowed: agent_hub,"),
        (("--host", "0.0.0.0"), {}, 2, "--host 0.0.0.0: expected a loopback address"),  # noqa: S104
        ((), {"IZER_AGENTS_BUILTIN__KNOWLEDGE_DIR": "/nowhere"}, 78, "/nowhere is no folder"),
        (
            (),
            {"IZER_AGENTS__AGENT_HUB__SECRETS": '["hub_secret"]'},
            78,
            "there is no secret hub_secret",
        ),
    ],
)
async def test_a_wrong_argument_or_setting_ends_in_a_line(
    arguments: tuple[str, ...], environment: dict[str, str], code: int, said: str
) -> None:
    async with served(*arguments, **environment) as process:
        assert await process.ended() == code
        assert said in process.output
        assert process.output.count("\n") == 1


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with served(first_port=port) as process:
            assert await process.ended() == 78
            assert f"agent_hub: api: cannot listen on 127.0.0.1 port {port}" in process.output


async def test_a_bad_body_gets_a_problem() -> None:
    async with served("--only", "agent_hub") as process:
        url = (await urls(process))["agent_hub"]
        for content, status, said in (
            (b"no json", 400, "not JSON"),
            (b"[]", 400, "not a JSON object"),
            (b"{}", 422, "message: expected an object"),
            (b'{"message": {"current_message": 5}, "analysis": {}}', 422, "expected a string"),
            (b'{"idempotency_key": 5}', 422, "idempotency_key: expected a string"),
            (b'{"a": "' + b"x" * LARGEST_BODY + b'"}', 413, "larger than"),
        ):
            code, problem = await send(url, content)
            assert (code, problem["status"]) == (status, status)
            assert said in problem["detail"]


SIGNED = {
    "IZER_AGENTS__AGENT_HUB__SECRETS": '["hub_secret", "old_hub_secret"]',
    "HUB_SECRET": SECRET,
    "OLD_HUB_SECRET": OLD_SECRET,
}


async def test_agent2agent_is_spoken_too() -> None:
    async with served("--only", "agent_hub", **SIGNED) as process:
        url = (await urls(process))["agent_hub"]
        for token in (SECRET, OLD_SECRET):
            async with AsyncExitStack() as opened:
                agent = A2aAgent("agent_hub", url, SecretStr(token))
                opened.push_async_callback(agent.close)
                answer = await agent.process(body("Siparişim nerede?", "support"), "msg_1")
                assert answer["agent"] == "agent_hub"
                assert AgentAnswer.parse(answer).reply
        stranger = A2aAgent("agent_hub", url)
        with pytest.raises(PermanentError, match="agent_hub answered 401"):
            await stranger.process(body("Merhaba"), "msg_2")
        await stranger.close()


async def test_where_a_secret_is_set_only_signed_calls_are_answered() -> None:
    content, now = json.dumps(body("Merhaba")).encode(), datetime.now(UTC)

    def signed(secret: str, at: datetime = now, text: bytes = content) -> dict[str, str]:
        return {
            "webhook-id": "1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign("1", at, text.decode()),
        }

    stranger = f"whsec_{base64.b64encode(os.urandom(24)).decode()}"
    async with served("--only", "agent_hub", **SIGNED) as process:
        url = (await urls(process))["agent_hub"]
        for right in (signed(SECRET), signed(OLD_SECRET)):
            assert (await send(url, content, right))[0] == 200
        for wrong in (
            {},
            signed(stranger),
            signed(SECRET, now - timedelta(minutes=6)),
            signed(SECRET, text=b"{}"),
            signed(SECRET) | {"webhook-signature": "v1,?"},
            signed(SECRET) | {"webhook-signature": "nonsense"},
        ):
            status, problem = await send(url, content, wrong)
            assert (status, problem["detail"]) == (401, "the signature is missing, wrong or old")
        assert (await send(url, b"\xff", signed(SECRET)))[0] == 401
        assert (await get(f"{url}/health"))[0] == 200
