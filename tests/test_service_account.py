"""How `make upgrade` asks a bridge whether it is healthy."""

import importlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

_SCRIPTS = Path(__file__).parent.parent / "scripts/service"
_TOLD = {"status": "ok", "service": "izer-bridge", "timestamp": ""}


class _Health(BaseHTTPRequestHandler):
    """As `GET /health` with `api.require_token`."""

    def do_GET(self) -> None:
        is_granted = self.headers["Authorization"] == "Bearer of-this-bridge"
        more = {"version": "0.2.0", "gaps": {"open": 0}} if is_granted else {}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(_TOLD | more).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.2", 0), _Health) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(_SCRIPTS))
    module = importlib.import_module("account")
    monkeypatch.setattr(module, "STATES", tmp_path)
    monkeypatch.setattr(module, "TOKEN", tmp_path / "credential")
    (tmp_path / "izer-bridge").mkdir()
    return module


@pytest.mark.parametrize("file", ["izer-bridge/api_token", "credential"])
def test_it_asks_with_the_token_where_the_bridge_is_bound(
    account: Any, tmp_path: Path, port: int, file: str
) -> None:
    facts = account.Facts("127.0.0.2", port, "")
    assert not account.Account("").answers(facts, "0.2.0")
    (tmp_path / file).write_text("of-this-bridge\n")
    assert account.Account("").answers(facts, "0.2.0")
    assert not account.Account("").answers(facts, "0.1.0")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:8100"),
        ("0.0.0.0", "http://127.0.0.1:8100"),  # noqa: S104 - what is configured
        ("192.168.1.5", "http://192.168.1.5:8100"),
        ("::", "http://[::1]:8100"),
        ("fd00::5", "http://[fd00::5]:8100"),
    ],
)
def test_where_it_asks(account: Any, host: str, url: str) -> None:
    assert account.url_of(account.Facts(host, 8100, "")) == url
