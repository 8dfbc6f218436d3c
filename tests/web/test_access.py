"""Access control: host names, origins, the token, signatures, rates, and slow or large requests."""

import asyncio
import gzip
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from izer_bridge.api import application
from izer_bridge.domain.errors import ConfigError
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.web.access import Access
from izer_bridge.web.connections import IDLE_SECONDS
from izer_bridge.web.doors import Door, door
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.server import Server
from izer_bridge.web.signature import Signatures
from tests.replies.test_api import Desk
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats, request_body
from tests.web.running_api import Api

TOKEN = "0123456789abcdef0123456789abcdef"
OLD, NEW, STRANGE = ("whsec_" + b64encode(bytes([one]) * 32).decode() for one in (1, 2, 3))
MIB = 1024**2


@asynccontextmanager
async def served(access: Access, *, drafts: bool = False, **options: Any) -> AsyncIterator[Api]:
    intake, health, stats, desk = FakeIntake(), FakeHealth(), FakeStats(), Desk()
    routes = DraftRoutes(desk, desk.hint) if drafts else None
    app = application(intake, health, stats, access, drafts=routes)
    server = Server(app, port=0, stop_seconds=1, **options)
    async with server, ClientSession() as session:
        yield Api(intake, health, stats, server, session)


async def status(api: Api, path: str = "/stats", **headers: str) -> int:
    return (await api.request("GET", path, headers=headers)).status


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("localhost", 200),
        ("LOCALHOST:8100", 200),
        ("127.0.0.1", 200),
        ("[::1]:8100", 200),
        ("192.0.2.7:8100", 200),
        ("bridge.shop.example", 200),
        ("bridge.shop.example:443", 200),
        ("evil.example", 421),
        ("bridge.shop.example.evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
async def test_a_name_that_is_not_ours_is_refused(host: str, code: int) -> None:
    async with served(Access(host_names=frozenset({"bridge.shop.example"}))) as api:
        for path in ("/stats", "/livez", "/nowhere"):
            expected = 404 if (path, code) == ("/nowhere", 200) else code
            assert await status(api, path, Host=host) == expected


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "http://localhost:8100"}, 200),
        ({"Origin": "http://LOCALHOST:8100", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_pages_of_other_sites_are_refused(
    api: Api, headers: Mapping[str, str], code: int
) -> None:
    host = {"Host": "localhost:8100"}
    answer = await api.request("GET", "/stats", headers={**host, **headers})
    assert answer.status == code
    answer = await api.request("POST", "/webhook", json=request_body(), headers={**host, **headers})
    assert answer.status == code
    assert len(api.intake.submitted) == (code == 200)


async def test_browsers_are_told_what_they_may_not_do(api: Api) -> None:
    for path in ("/health", "/nowhere"):
        headers = (await api.request("GET", path)).headers
        assert headers["Server"] == "izer-bridge"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    preflight = await api.request("OPTIONS", "/webhook", headers={"Origin": api.server.url})
    assert preflight.status == 405
    assert not any(name.startswith("Access-Control") for name in preflight.headers)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN} ", 200),
        (TOKEN, 401),
        (f"Basic {TOKEN}", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Bearer {TOKEN}x", 401),
        ("Bearer ", 401),
        ("Bearer ü", 401),
        (None, 401),
    ],
)
async def test_every_route_asks_for_the_token(given: str | None, code: int) -> None:
    headers = {} if given is None else {"Authorization": given}
    async with served(Access(token=SecretStr(TOKEN))) as api:
        for method, path in (("GET", "/stats"), ("GET", "/openapi.json"), ("GET", "/nowhere")):
            answer = await api.request(method, path, headers=headers)
            expected = 404 if (path, code) == ("/nowhere", 200) else code
            assert answer.status == expected
        answer = await api.request("POST", "/webhook", json=request_body(), headers=headers)
        assert answer.status == code
        assert len(api.intake.submitted) == (code == 200)
        if code == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.attack("another user of the machine asks on loopback")
@pytest.mark.parametrize("webhook", [Door.HERE, Door.TOKEN])
async def test_on_loopback_counts_are_open_and_words_are_not(webhook: Door) -> None:
    access = Access(token=SecretStr(TOKEN), is_open_here=True, webhook=webhook)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with served(access, drafts=True) as api:
        for path in ("/health", "/stats", "/openapi.json", "/livez", "/readyz"):
            assert await status(api, path) == 200
        assert "link" in (await api.request("GET", "/health")).json
        for method, path in (("GET", "/drafts"), ("POST", "/drafts/1/approve")):
            assert (await api.request(method, path)).status == 401
            assert (await api.request(method, path, headers=headers)).status != 401
        answer = await api.request("POST", "/webhook", json=request_body())
        assert answer.status == (200 if webhook is Door.HERE else 401)
        answer = await api.request("POST", "/webhook", json=request_body(), headers=headers)
        assert answer.status == 200


@pytest.mark.attack("beyond loopback without a token")
async def test_what_is_open_on_loopback_never_listens_beyond() -> None:
    app = application(
        FakeIntake(), FakeHealth(), FakeStats(), Access(token=SecretStr(TOKEN), is_open_here=True)
    )
    with pytest.raises(ConfigError, match=r"api\.host = .*needs a token"):
        await Server(app, "0.0.0.0", 0).start()  # noqa: S104 - it is refused


def test_a_route_that_nobody_thought_of_asks_for_the_token() -> None:
    assert door("customers", Door.HERE) is Door.TOKEN
    assert door(None, Door.HERE) is Door.HERE


async def test_monitors_need_no_token_and_learn_no_details() -> None:
    async with served(Access(token=SecretStr(TOKEN))) as api:
        assert (await api.request("GET", "/livez")).json == {"status": "ok"}
        assert (await api.request("GET", "/readyz")).json == {"status": "ready"}
        short = (await api.request("GET", "/health")).json
        assert short.keys() == {"status", "service", "timestamp"}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert "link" in (await api.request("GET", "/health", headers=headers)).json


async def test_the_token_is_in_no_log_and_no_answer() -> None:
    access = Access(token=SecretStr(TOKEN))
    assert TOKEN not in repr(access)
    async with served(access) as api:
        api.intake.error = KeyError("x")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with capture_logs() as logs:
            answer = await api.request("POST", "/webhook", json=request_body(), headers=headers)
            wrong = await api.request("GET", "/stats", headers={"Authorization": "Bearer 4711"})
        assert answer.status == 500
        assert TOKEN not in f"{logs}{answer}"
        assert "4711" not in str(wrong.json)


async def test_being_unlinked_or_without_a_store_is_no_reason_to_start_anew(api: Api) -> None:
    api.health.value = replace(api.health.value, is_linked=False)
    assert await status(api, "/livez") == 200
    assert await status(api, "/readyz") == 200
    api.health.value = replace(api.health.value, is_store_ok=False)
    assert await status(api, "/livez") == 200
    assert await status(api, "/readyz") == 503


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
async def test_beyond_loopback_nothing_listens_without_a_token(host: str) -> None:
    server = Server(application(FakeIntake(), FakeHealth(), FakeStats()), host, 0)
    with pytest.raises(ConfigError, match=r"api\.host = .*needs a token"):
        await server.start()


def signed(
    secret: str, body: bytes, identity: str = "msg_1", at: datetime | None = None
) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(identity, at, body.decode()),
    }


BODY = json.dumps(request_body(), ensure_ascii=False).encode()
SIGNED = Access(token=SecretStr(TOKEN), signatures=Signatures([SecretStr(OLD), SecretStr(NEW)]))


@pytest.mark.parametrize("secret", [OLD, NEW])
async def test_a_signature_by_any_secret_stands_in_for_the_token(secret: str) -> None:
    async with served(SIGNED) as api:
        headers = signed(secret, BODY)
        first = await api.request("POST", "/webhook", data=BODY, headers=headers)
        again = await api.request("POST", "/webhook", data=BODY, headers=headers)
        assert (first.status, first.json) == (200, again.json)
        assert again.json["database_id"] == 1
        assert len(api.intake.outcomes) == 1
        both = {**signed(STRANGE, BODY), "webhook-id": "msg_1"}
        both["webhook-signature"] += " v1a,xx " + headers["webhook-signature"]
        both["webhook-timestamp"] = headers["webhook-timestamp"]
        assert (await api.request("POST", "/webhook", data=BODY, headers=both)).status == 200


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (lambda _: {}, BODY),
        (lambda _: {"Authorization": f"Bearer {TOKEN}"}, BODY),
        (lambda _: signed(STRANGE, BODY), BODY),
        (lambda good: good, BODY + b" "),
        (lambda good: good | {"webhook-id": "msg_2"}, BODY),
        (lambda _: signed(OLD, BODY, at=datetime.now(UTC) - timedelta(minutes=20)), BODY),
        (lambda _: signed(OLD, BODY, at=datetime.now(UTC) + timedelta(minutes=20)), BODY),
        (lambda good: good | {"webhook-timestamp": "1e400"}, BODY),
        (lambda good: good | {"webhook-timestamp": "gestern"}, BODY),
        (lambda good: good | {"webhook-signature": "v1"}, BODY),
        (lambda good: good | {"webhook-signature": "v1,ü,x"}, BODY),
        (lambda good: good | {"webhook-signature": "v1,="}, BODY),
        (lambda good: good | {"webhook-signature": "v2,AAAA"}, BODY),
        (lambda good: good, b"\xff\xfe"),
    ],
)
async def test_what_is_not_rightly_signed_is_refused(
    sent: Callable[[dict[str, str]], dict[str, str]], body: bytes
) -> None:
    # Signed now: a long run would make what was signed at its beginning too old.
    headers = sent(signed(OLD, BODY))
    async with served(SIGNED) as api:
        answer = await api.request("POST", "/webhook", data=body, headers=headers)
        assert (answer.status, answer.content_type) == (401, "application/problem+json")
        assert api.intake.submitted == []


def test_a_bucket_is_refilled_and_each_address_has_its_own() -> None:
    limit = RateLimit(per_second=2, at_once=3)
    assert [limit.seconds_to_wait("127.0.0.1", 0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.seconds_to_wait("127.0.0.2", 0) == 0
    assert limit.seconds_to_wait("127.0.0.1", 0.5) == 0
    assert limit.seconds_to_wait("127.0.0.1", 0.75) == 0.25
    assert [limit.seconds_to_wait("127.0.0.1", 99) for _ in range(4)] == [0, 0, 0, 0.5]


def test_the_addresses_of_one_host_share_a_bucket() -> None:
    limit = RateLimit(per_second=1, at_once=1)
    assert limit.seconds_to_wait("2001:db8::1", 0) == 0
    assert limit.seconds_to_wait("2001:db8::2%eth0", 0) == 1
    assert limit.seconds_to_wait("2001:db8:0:1::1", 0) == 0
    assert limit.seconds_to_wait("::ffff:192.0.2.1", 0) == 0
    assert limit.seconds_to_wait("192.0.2.1", 0) == 1


def test_a_flood_of_addresses_takes_no_more_memory() -> None:
    limit = RateLimit(per_second=1, at_once=1)
    for number in range(20_000):
        limit.seconds_to_wait(f"10.0.{number // 256}.{number % 256}", 0)
    assert len(limit._buckets) == 10_000


async def test_too_many_requests_are_told_when_to_come_again() -> None:
    async with served(Access(limit=RateLimit(0.001, 2))) as api:
        assert [await status(api) for _ in range(3)] == [200, 200, 429]
        answer = await api.request("POST", "/webhook", json=request_body())
        assert answer.status == 429
        assert 900 < int(answer.headers["Retry-After"]) <= 1000
        assert await status(api, "/livez") == 200


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65_536):
        yield b" " * 65_536


async def test_a_body_without_length_is_bounded(api: Api) -> None:
    await api.refused(413, data=chunks(3 * MIB))


@pytest.mark.attack("bodies that grow when they are unpacked")
async def test_no_body_is_unpacked(api: Api) -> None:
    """200 MiB of blanks are 200 KB as gzip."""
    bomb = gzip.compress(b" " * (200 * MIB))
    await api.refused(415, data=bomb, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: 1\r\n" % number for number in range(65)),
        b"X: " + b"y" * 9_000 + b"\r\n",
    ],
)
async def test_a_head_is_bounded(api: Api, head: bytes) -> None:
    reader, writer = await asyncio.open_connection(*api.server.address)
    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()


async def test_a_head_that_trickles_in_ends_the_connection() -> None:
    async with served(Access(), idle_seconds=0.5) as api:
        reader, writer = await asyncio.open_connection(*api.server.address)
        writer.write(b"GET /health HTTP/1.1\r\nHost: local")
        assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""
        writer.close()
    assert IDLE_SECONDS <= 30


async def test_a_body_that_trickles_in_is_given_up(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("izer_bridge.web.bodies.BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection(*api.server.address)
    writer.write(b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{")
    assert b" 408 " in await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)
    writer.close()
