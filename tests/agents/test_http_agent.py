import base64
import gzip
import json
import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from izer_bridge.agents.http_agent import LARGEST_ANSWER, MOST_LEVELS, HttpAgent
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.idempotency import trace_id
from tests.servers.agent import ANSWER, AgentServer, failing, huge, redirecting
from tests.servers.loopback import Act, Cut, Endless, Raw, as_json

BODY = {
    "message": {"current_message": "Bisikletimin freni 🚲", "phone_number": "+905551112233"},
    "analysis": {"urgency_score": 9},
    "routing_info": {"routed_by": "izer-bridge", "timestamp": "…", "reason": "default"},
}


@pytest.fixture
async def server() -> AsyncIterator[AgentServer]:
    async with AgentServer() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def _agent(server: AgentServer, session: aiohttp.ClientSession, **options: Any) -> HttpAgent:
    return HttpAgent("business_workflow", server.url, session, **options)


def _secret() -> SecretStr:
    return SecretStr(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")


async def test_the_signature_is_standard_webhooks(
    server: AgentServer, session: aiohttp.ClientSession
) -> None:
    new, old = _secret(), _secret()
    agent = _agent(server, session, secrets=[new, old])
    await agent.process(BODY, "msg_1")
    await agent.process(BODY, "msg_1")
    for request in server.requests:
        for secret in (new, old):
            Webhook(secret.get_secret_value()).verify(request.body, dict(request.headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(_secret().get_secret_value()).verify(request.body, dict(request.headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(new.get_secret_value()).verify(request.body + b" ", dict(request.headers))
    assert {request.headers["webhook-id"] for request in server.requests} == {"msg_1"}


async def test_without_a_secret_nothing_is_signed(
    server: AgentServer, session: aiohttp.ClientSession
) -> None:
    await _agent(server, session).process(BODY, "1")
    assert not [name for name in server.requests[0].headers if name.lower().startswith("webhook")]


async def test_tries_of_one_message_are_spans_of_one_trace(
    server: AgentServer, session: aiohttp.ClientSession
) -> None:
    for key in ("msg_1", "msg_1", "msg_2"):
        await _agent(server, session).process(BODY, key)
    parents = [request.headers["traceparent"] for request in server.requests]
    assert all(re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", parent) for parent in parents)
    traces = [parent.split("-")[1] for parent in parents]
    assert traces == [trace_id("msg_1"), trace_id("msg_1"), trace_id("msg_2")]
    assert len({*traces}) == 2
    assert len({parent.split("-")[2] for parent in parents}) == 3


async def test_no_proxy_of_the_environment_is_used(
    server: AgentServer, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AgentServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("no_proxy", "")
        await _agent(server, session).process(BODY, "1")
        assert proxy.requests == []


async def test_posts_the_legacy_body_with_its_key(
    server: AgentServer, session: aiohttp.ClientSession
) -> None:
    agent = HttpAgent("business_workflow", f"{server.url}/", session)
    assert agent.url == server.url
    assert await agent.process(BODY, "ledger-7") == ANSWER
    [request] = server.requests
    assert (request.path, request.json) == ("/process", BODY)
    assert request.headers["Idempotency-Key"] == "ledger-7"
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("answer", [{}, {"a": [1, {"b": None}]}, {"reply": "İ🚲\u202e"}])
async def test_any_json_object_is_an_answer(
    session: aiohttp.ClientSession, answer: dict[str, Any]
) -> None:
    async with AgentServer(answer) as server:
        assert await _agent(server, session).process(BODY, "1") == answer


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_worth_trying_again(
    server: AgentServer, session: aiohttp.ClientSession, status: int
) -> None:
    server.script(failing(status, Retry_After="7"))
    with pytest.raises(TransientError, match=str(status)) as caught:
        await _agent(server, session).process(BODY, "1")
    assert caught.value.retry_after_seconds == 7.0
    assert len(server.requests) == 1


async def test_without_retry_after_nothing_is_asked_for(
    server: AgentServer, session: aiohttp.ClientSession
) -> None:
    server.script(failing(503, Retry_After="soon"))
    with pytest.raises(TransientError) as caught:
        await _agent(server, session).process(BODY, "1")
    assert caught.value.retry_after_seconds is None


@pytest.mark.parametrize("act", [Cut(), Cut(b'{"reply": "Mer')])
async def test_a_cut_connection_is_worth_trying_again(
    server: AgentServer, session: aiohttp.ClientSession, act: Act
) -> None:
    server.script(act)
    with pytest.raises(TransientError, match="cannot be reached"):
        await _agent(server, session).process(BODY, "1")


async def test_nobody_listening_is_worth_trying_again(session: aiohttp.ClientSession) -> None:
    async with AgentServer() as server:
        agent = _agent(server, session)
    with pytest.raises(TransientError, match="business_workflow cannot be reached"):
        await agent.process(BODY, "1")


@pytest.mark.parametrize(
    "act",
    [
        failing(400),
        failing(401),
        failing(404),
        failing(422),
        Raw(b"<html>", "text/html"),
        Raw(b""),
        Raw(b"", status=204),
        Raw(b'{"a": NaN}'),
        Raw(b'{"a": 1e999}'),
        Raw(b'{"a": "\\ud800"}'),
        Raw(b'{"a": "\xff"}'),
        Raw(b"[" * 100_000),
        Raw(b'{"a":' * 500 + b"1" + b"}" * 500),
        Raw(b'{"a": ' + b"9" * 5000 + b"}"),
        as_json([]),
        as_json("text"),
        as_json(None),
        huge(LARGEST_ANSWER),
        Endless(),
        Raw(gzip.compress(b" " * 50 * 1024**2), headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_cannot_help_to_try_again(
    server: AgentServer, session: aiohttp.ClientSession, act: Act
) -> None:
    server.script(act)
    with pytest.raises(PermanentError) as caught:
        await _agent(server, session).process(BODY, "1")
    assert "business_workflow" in str(caught.value)
    assert "fren" not in str(caught.value)


async def test_levels_are_bounded(session: aiohttp.ClientSession) -> None:
    deep: Any = 1
    for _ in range(MOST_LEVELS):
        deep = {"a": deep}
    async with AgentServer(deep) as server:
        agent = _agent(server, session)
        assert json.dumps(await agent.process(BODY, "1")) == json.dumps(deep)
        server.script(as_json({"a": deep}))
        with pytest.raises(PermanentError, match="levels"):
            await agent.process(BODY, "1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(
    server: AgentServer, session: aiohttp.ClientSession, status: int
) -> None:
    async with AgentServer() as elsewhere:
        server.script(redirecting(f"{elsewhere.url}/process", status))
        with pytest.raises(PermanentError, match="redirect"):
            await _agent(server, session).process(BODY, "1")
        assert elsewhere.requests == []
