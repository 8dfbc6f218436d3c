"""The socket that speaks TLS beside the plain one: pages on other devices, renewal, refusals."""

import asyncio
import os
import re
import shlex
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from pydantic import SecretStr
from structlog.testing import capture_logs

from izer_bridge.api import application
from izer_bridge.domain.errors import ConfigError
from izer_bridge.simulator.certificates import tls_context
from izer_bridge.web.access import Access
from izer_bridge.web.server import PortState, Server
from izer_bridge.web.tls import Certificate, TlsSocket
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats

HTTP_PAGE = (Path(__file__).parents[2] / "docs/http.md").read_text("utf-8")
NAME = "pano.shop.example"
ACCESS = Access(token=SecretStr("f" * 32), is_open_here=True, host_names=frozenset({NAME}))


def certified(folder: Path) -> tuple[str, ssl.SSLContext]:
    """A file with key and certificate, and whom to trust."""
    folder.mkdir(exist_ok=True)
    tls_context(folder, [NAME], folder / "authority.pem")
    return str(folder / "server.pem"), ssl.create_default_context(cafile=folder / "authority.pem")


def replace(file: str, other: str, size: int, at: int) -> None:
    """Write so much of another file into it, as of the second `at`."""
    Path(file).write_bytes(Path(other).read_bytes()[:size])
    os.utime(file, (at, at))


def server(file: str, port: int = 0, state: PortState | None = None) -> Server:
    app = application(FakeIntake(), FakeHealth(), FakeStats(), ACCESS)
    tls = TlsSocket("127.0.0.1", port, Certificate(file, file))
    return Server(app, port=0, stop_seconds=1, tls=tls, port_state=state)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def status(session: ClientSession, url: str, trusted: ssl.SSLContext | None = None) -> int:
    options = {"ssl": trusted, "server_hostname": NAME} if trusted else {}
    async with session.get(url, headers={"Host": NAME}, **options) as answer:  # type: ignore[arg-type]
        return answer.status


async def test_both_sockets_answer_each_in_its_own_way(
    tmp_path: Path, session: ClientSession
) -> None:
    file, trusted = certified(tmp_path)
    async with server(file) as running:
        assert await status(session, f"{running.url}/stats") == 200
        assert await status(session, f"{running.secure_url}/livez", trusted) == 200
        plain = running.secure_url.replace("https", "http")
        with pytest.raises(ClientError):
            await status(session, f"{plain}/livez")


async def test_a_renewed_certificate_is_taken_over_and_half_of_one_is_not(tmp_path: Path) -> None:
    file, first = certified(tmp_path / "a")
    renewed, second = certified(tmp_path / "b")
    async with server(file) as running:

        async def is_trusted(trusted: ssl.SSLContext) -> bool:
            async with ClientSession() as session:
                try:
                    return await status(session, f"{running.secure_url}/livez", trusted) == 200
                except OSError:
                    return False

        assert (await is_trusted(first), await is_trusted(second)) == (True, False)
        for size, ends in ((100, 1), (10_000, 2)):
            replace(file, renewed, size, ends)
            with capture_logs() as logs:
                assert (await is_trusted(first), await is_trusted(second)) == (ends == 1, ends == 2)
            assert len([one for one in logs if one["event"].startswith("tls_")]) == 1


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nx"])
def test_what_is_no_certificate_ends_the_start(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "server.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"api\.tls_certificate = .*server\.pem"):
        Certificate(str(file), str(file))


async def test_a_port_that_is_taken_is_named_and_waited_for(tmp_path: Path) -> None:
    file, _ = certified(tmp_path)
    other = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    with pytest.raises(ConfigError, match=rf"port {port}.*set api\.tls_port"):
        await server(file, port).start()
    state = PortState()
    running = server(file, port, state)
    await running.start_or_wait()
    assert str(port) in state.taken
    assert "other devices" in state.taken
    other.close()
    await other.wait_closed()
    await running._try()
    assert state.taken == ""
    assert running.secure_url.endswith(str(port))
    await running.stop()


async def test_the_documented_line_makes_one_that_a_browser_can_trust(
    tmp_path: Path, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [line] = re.findall(r"^openssl .+$", HTTP_PAGE, re.MULTILINE)
    made = await asyncio.create_subprocess_exec(*shlex.split(line), stderr=subprocess.DEVNULL)
    assert await made.wait() == 0
    trusted = ssl.create_default_context(cafile="pano.pem")
    app = application(FakeIntake(), FakeHealth(), FakeStats(), ACCESS)
    tls = TlsSocket("127.0.0.1", 0, Certificate("pano.pem", "pano.key"))
    async with Server(app, port=0, stop_seconds=1, tls=tls) as running:
        assert await status(session, f"{running.secure_url}/livez", trusted) == 200
    assert tls.certificate.until > datetime.now(UTC) + timedelta(days=700)
