"""Events over real HTTP, verified as their receivers verify them."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from izer_bridge.domain.errors import GoneError, TransientError
from izer_bridge.events.http_target import HttpTarget, open_session
from izer_bridge.simulator.process import PATIENCE_SECONDS
from tests.servers.loopback import Cut, Endless, Hang, Loopback, Raw

OLD, NEW, STRANGE = ("whsec_" + b64encode(bytes([one]) * 32).decode() for one in (1, 2, 3))
PAYLOAD = '{"type":"message","timestamp":"2026-03-01T12:00:00+00:00","data":{"text":"Frenim 🚲"}}'


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback("/hook", lambda _: Raw(b"")) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with open_session() as session:
        yield session


def target(server: Loopback, session: ClientSession, timeout_seconds: float = 30) -> HttpTarget:
    secrets = [SecretStr(OLD), SecretStr(NEW)]
    return HttpTarget(f"{server.url}/hook", secrets, session, timeout_seconds)


async def test_whoever_holds_one_secret_can_verify_it(
    server: Loopback, session: ClientSession
) -> None:
    await target(server, session).send("evt_1", PAYLOAD)
    [request] = server.requests
    assert request.body == PAYLOAD.encode()
    assert request.headers["webhook-id"] == "evt_1"
    assert request.headers["Content-Type"] == "application/json"
    for secret in (OLD, NEW):
        told = Webhook(secret).verify(request.body, dict(request.headers))
        assert told["data"]["text"] == "Frenim 🚲"
    with pytest.raises(WebhookVerificationError):
        Webhook(STRANGE).verify(request.body, dict(request.headers))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_success_is_one(server: Loopback, session: ClientSession, status: int) -> None:
    server.script(Raw(b"", status=status))
    await target(server, session).send("evt_1", PAYLOAD)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 413, 429, 500, 503])
async def test_everything_else_is_tried_again(
    server: Loopback, session: ClientSession, status: int
) -> None:
    elsewhere = {"Location": f"{server.url}/hook", "Retry-After": "77"}
    server.script(Raw(b"secret words", status=status, headers=elsewhere))
    with pytest.raises(TransientError, match=f"^answered {status}$") as error:
        await target(server, session).send("evt_1", PAYLOAD)
    assert error.value.retry_after_seconds == 77
    assert len(server.requests) == 1


async def test_gone_is_gone(server: Loopback, session: ClientSession) -> None:
    server.script(Raw(b"", status=410))
    with pytest.raises(GoneError):
        await target(server, session).send("evt_1", PAYLOAD)


async def test_an_answer_is_not_read_to_its_end(server: Loopback, session: ClientSession) -> None:
    server.script(Endless(), Cut(b"x" * 10))
    await asyncio.wait_for(target(server, session).send("evt_1", PAYLOAD), PATIENCE_SECONDS)
    await target(server, session).send("evt_2", PAYLOAD)


async def test_no_answer_and_no_connection_are_told_without_the_address(
    server: Loopback, session: ClientSession
) -> None:
    server.script(Hang(), Cut())
    for said in ("no answer within 0.2 s", "cannot be reached"):
        with pytest.raises(TransientError, match=said) as error:
            await target(server, session, 0.2).send("evt_1", PAYLOAD)
        assert "127.0.0.1" not in str(error.value)
    url = server.url
    await server.stop()
    with pytest.raises(TransientError, match="cannot be reached"):
        await HttpTarget(f"{url}/hook", [SecretStr(OLD)], session).send("evt_1", PAYLOAD)
    with pytest.raises(TransientError, match="cannot be reached"):
        await HttpTarget("http://[::1", [SecretStr(OLD)], session).send("evt_1", PAYLOAD)


async def test_a_proxy_of_the_environment_is_not_asked(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with open_session() as session:
        await target(server, session).send("evt_1", PAYLOAD)
    assert len(server.requests) == 1
