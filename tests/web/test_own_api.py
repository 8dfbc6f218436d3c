"""The running bridge is asked with its token, wherever that comes from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from izer_bridge.web.own_api import RunningBridge


async def _told(request: web.Request) -> web.Response:
    return web.json_response(
        {"service": "izer-bridge", "asked_with": request.headers.get("Authorization")}
    )


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/health", _told)
    async with TestServer(app, host="127.0.0.1") as server:
        assert server.port is not None
        yield server.port


async def test_a_token_that_is_a_secret_goes_before_the_one_in_the_state_directory(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for _ in range(2):
        async with RunningBridge("127.0.0.1", port, tmp_path) as bridge:
            asked.append((await bridge.health())["asked_with"])
        (tmp_path / "api_token").write_text("kept\n")
    monkeypatch.setenv("BRIDGE_API_TOKEN", "secret")
    async with RunningBridge("127.0.0.1", port, tmp_path) as bridge:
        asked.append((await bridge.health())["asked_with"])
    assert asked == [None, "Bearer kept", "Bearer secret"]
