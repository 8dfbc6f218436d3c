"""Connections: each ends, there are not too many, and none that is at work gives way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from structlog.testing import capture_logs

from izer_bridge.api import application
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.web import bodies
from izer_bridge.web.access import ANYBODY, Access
from izer_bridge.web.rate_limit import RateLimit
from izer_bridge.web.server import Server
from tests.replies.test_api import Desk
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats, request_body
from tests.web.running_api import Api

TOKEN = "0123456789abcdef0123456789abcdef"
TARGETS = ["http://xn--/", "http://xn--a-/x", "http://[/", "http://a:99999/", "//[", "*"]
LARGE = 4 * 1024**2
ENDLESS = b"Content-Length: 500\r\n\r\n{"


@asynccontextmanager
async def served(access: Access = ANYBODY, most: int = 256) -> AsyncIterator[Api]:
    intake, health, stats, desk = FakeIntake(), FakeHealth(), FakeStats(), Desk()
    drafts = DraftRoutes(desk, desk.hint)
    app = application(intake, health, stats, access, drafts=drafts, most_file_bytes=LARGE)
    server = Server(app, port=0, stop_seconds=1, most_connections=most)
    async with server, ClientSession() as session:
        yield Api(intake, health, stats, server, session)


async def sent(api: Api, head: str, rest: bytes = b"\r\n") -> asyncio.StreamReader:
    reader, writer = await asyncio.open_connection(*api.server.address)
    writer.write(f"{head} HTTP/1.1\r\nHost: localhost\r\n".encode() + rest)
    api_writers.append(writer)
    return reader


# A garbage-collected writer closes its connection, which would prove nothing.
api_writers: list[asyncio.StreamWriter] = []


@pytest.fixture(autouse=True)
async def _close() -> AsyncIterator[None]:
    yield
    for writer in api_writers:
        writer.close()
    api_writers.clear()


async def first_line(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110 - what the server sees is told to nobody
            await asyncio.sleep(0)


async def ended(reader: asyncio.StreamReader) -> None:
    await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)


@pytest.mark.attack("targets that are no URL leak no connection")
async def test_a_target_that_is_no_url_leaks_no_connection() -> None:
    heads = [f"{method} {target}" for method in ("GET", "CONNECT") for target in TARGETS]
    async with served() as api:
        for head in [*heads, *["GET http://xn--/"] * 100]:
            reader = await sent(api, head, b"Connection: close\r\n\r\n")
            assert b" 40" in await first_line(reader)
            await ended(reader)
        assert len(api.server.connections) == 0


@pytest.mark.attack("more connections than there may be shut nobody out")
async def test_a_flood_of_idle_connections_shuts_nobody_out() -> None:
    async with served(most=8) as api:
        with capture_logs() as logs:
            silent = [await sent(api, "GET /stats", b"") for _ in range(30)]
            assert (await api.request("GET", "/stats")).status == 200
        assert len(api.server.connections) <= 8
        for reader in silent[:20]:
            await ended(reader)
        assert [one["event"] for one in logs].count("api_connections_full") == 1


@pytest.mark.attack("a flood of connections ends no request at work")
async def test_a_flood_ends_no_request_that_is_at_work() -> None:
    async with served(most=2) as api:
        working = await sent(api, "POST /webhook", ENDLESS)
        await until(lambda: any(one.is_at_work for one in api.server.connections))
        for _ in range(10):
            await sent(api, "GET /stats", b"")
        assert (await api.request("GET", "/stats")).status == 200
        assert any(one.is_at_work for one in api.server.connections)
        assert not working.at_eof()


@pytest.mark.attack("where all connections are at work, a further one is closed")
async def test_where_all_are_at_work_a_further_one_is_closed() -> None:
    async with served(most=1) as api:
        await sent(api, "POST /webhook", ENDLESS)
        await until(lambda: any(one.is_at_work for one in api.server.connections))
        assert await first_line(await sent(api, "GET /stats")) == b""


@pytest.mark.attack("strangers' requests shut out neither the token's holder nor monitors")
async def test_the_rate_shuts_out_neither_the_tokens_holder_nor_monitors() -> None:
    access = Access(token=SecretStr(TOKEN), limit=RateLimit(0.001, 2))
    async with served(access) as api:
        strange = [(await api.request("GET", "/stats")).status for _ in range(4)]
        assert strange == [401, 401, 429, 429]
        wrong = {"Authorization": f"Bearer {TOKEN[:-1]}x"}
        assert (await api.request("GET", "/stats", headers=wrong)).status == 429
        for path in ("/health", "/readyz", "/livez"):
            assert (await api.request("GET", path)).status == 200
        right = {"Authorization": f"Bearer {TOKEN}"}
        for _ in range(5):
            assert (await api.request("GET", "/stats", headers=right)).status == 200


@pytest.mark.attack("a slow body is given up at every route")
@pytest.mark.parametrize(
    "head", ["POST /drafts/7/edit", "POST /drafts/7/approve", "POST /webhook", "GET /health"]
)
async def test_a_slow_body_is_given_up(head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("izer_bridge.web.bodies.BODY_SECONDS", 0.2)
    async with served() as api:
        reader = await sent(api, head, ENDLESS)
        assert b"408" in await first_line(reader) or not head.endswith(("edit", "webhook"))


@pytest.mark.attack("many large bodies at once take the machine's memory")
async def test_a_large_body_waits_for_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """While two are being read a third is not read on, and a text is answered."""
    places = asyncio.Semaphore(bodies.MOST_LARGE)
    monkeypatch.setattr("izer_bridge.web.bodies.asyncio.Semaphore", lambda _: places)
    head = f"Content-Length: {LARGE}\r\n\r\n".encode()
    async with served() as api:
        for _ in range(bodies.MOST_LARGE):
            await sent(api, "POST /webhook", head + b" " * (LARGE - 1))
        await until(places.locked)
        third = asyncio.create_task(
            first_line(await sent(api, "POST /webhook", head + b"x" * LARGE))
        )
        assert (await api.post(request_body())).status == 200
        assert not third.done()
        api_writers[0].close()
        assert b" 400 " in await third


@pytest.mark.attack("a client that hangs up is no error in the log")
@pytest.mark.parametrize("path", ["/webhook", "/drafts/7/edit"])
async def test_a_client_that_hangs_up_is_no_error(path: str) -> None:
    async with served() as api:
        with capture_logs() as logs:
            await sent(api, f"POST {path}", ENDLESS)
            await until(lambda: any(one.is_at_work for one in api.server.connections))
            api_writers[-1].transport.abort()
            await until(lambda: not len(api.server.connections))
            assert (await api.post(request_body())).status == 200
        assert not [one for one in logs if one["log_level"] == "error"]
