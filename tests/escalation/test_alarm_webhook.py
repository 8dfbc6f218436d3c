"""The webhook against a real HTTP server: its signature, and the meaning of each answer."""

import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.outgoing import MayBeHandedOverError
from izer_bridge.escalation.alarm_ports import Alarm
from izer_bridge.escalation.alarm_webhook import AlarmWebhook
from tests.servers.agent import failing, redirecting
from tests.servers.loopback import Cut, Hang, Loopback, Raw, as_json

SECRET = "whsec_" + b64encode(b"k" * 32).decode()
AT = datetime(2026, 3, 1, 9, 50, tzinfo=UTC)
ALARM = Alarm("escalation:7:webhook", AT, "VIP müşteri", "…", {"id": 7, "chat": "Ayşe"})


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback("/alarm", lambda _: as_json({"ok": True})) as loopback:
        yield loopback


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


def webhook(server: Loopback, session: aiohttp.ClientSession) -> AlarmWebhook:
    return AlarmWebhook(f"{server.url}/alarm", SecretStr(SECRET), session, 1.0)


async def test_the_event_is_signed_as_standard_webhooks_says(
    server: Loopback, session: aiohttp.ClientSession
) -> None:
    for _ in range(2):
        await webhook(server, session).deliver(ALARM)
    first, second = server.requests
    event = Webhook(SECRET).verify(first.body, dict(first.headers))
    assert event == {
        "type": "escalation.raised",
        "timestamp": AT.isoformat(),
        "data": {"id": 7, "chat": "Ayşe"},
    }
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == ALARM.key


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (failing(500), TransientError),
        (failing(429), TransientError),
        (failing(404), PermanentError),
        (redirecting("http://127.0.0.1/"), PermanentError),
        (Cut(), MayBeHandedOverError),
        (Hang(), MayBeHandedOverError),
    ],
)
async def test_what_it_answers_says_whether_to_try_again(
    server: Loopback,
    session: aiohttp.ClientSession,
    act: Raw | Cut | Hang,
    error: type[Exception],
) -> None:
    server.script(act)
    with pytest.raises(error):
        await webhook(server, session).deliver(ALARM)
    assert len(server.requests) == 1


async def test_nobody_there_has_nothing(session: aiohttp.ClientSession) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(TransientError):
            await AlarmWebhook(url, SecretStr(SECRET), session, 1.0).deliver(ALARM)
