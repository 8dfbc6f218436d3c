"""The example of `docs/nginx.conf` in front of the interface, in a real nginx."""

import asyncio
import json
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from izer_bridge.api import application
from izer_bridge.simulator.certificates import tls_context
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.web.access import Access
from izer_bridge.web.server import Server
from tests.servers.mariadb import free_port
from tests.staff.house import house
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats

EXAMPLE = Path(__file__).parents[2] / "docs/nginx.conf"
MESSAGE = EXAMPLE.parents[1] / "test_message.json"
NAME = "bridge.shop.example"
TOKEN = "0123456789abcdef0123456789abcdef"
AROUND = """\
{user}
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """What a client on the internet sees."""

    plain: str
    secure: str
    session: ClientSession
    trusted: ssl.SSLContext

    async def asked(self, method: str, path: str, **more: Any) -> tuple[int, dict[str, str]]:
        """Over TLS: returns the status and the headers."""
        options: dict[str, Any] = {"ssl": self.trusted, "server_hostname": NAME, **more}
        options["headers"] = {"Host": NAME, **more.get("headers", {})}
        async with self.session.request(method, self.secure + path, **options) as answer:
            await answer.read()
            return answer.status, dict(answer.headers)


@asynccontextmanager
async def nginx(folder: Path, port: int) -> AsyncIterator[tuple[int, int, ssl.SSLContext]]:
    """The example with this machine's paths; returns its two ports, and whom to trust."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is missing: sudo apt install nginx-light")
        pytest.skip("nginx is missing: sudo apt install nginx-light")
    tls_context(folder, [NAME], folder / "authority.pem")
    plain, secure = free_port(), free_port()
    site = EXAMPLE.read_text("utf-8")
    for said, here in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", f"{folder}/server.pem"),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", f"{folder}/server.pem"),
        ("127.0.0.1:8100", f"127.0.0.1:{port}"),
    ):
        assert site.count(said) == 1, said
        site = site.replace(said, here)
    (folder / "site.conf").write_text(site, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(AROUND.format(folder=folder, user=user), "utf-8")
    running = await asyncio.create_subprocess_exec(program, "-p", str(folder), "-c", str(main))
    try:
        await _listens(plain, running)
        yield plain, secure, ssl.create_default_context(cafile=str(folder / "authority.pem"))
    finally:
        with suppress(ProcessLookupError):
            running.terminate()
        await running.wait()


async def _listens(port: int, running: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            assert running.returncode is None, "nginx refuses the example"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[tuple[Site, FakeIntake]]:
    """As the example's first lines say: with the token, and by its name."""
    intake = FakeIntake()
    access = Access(token=SecretStr(TOKEN), host_names=frozenset({NAME}))
    server = Server(application(intake, FakeHealth(), FakeStats(), access), port=0, stop_seconds=1)
    async with (
        server,
        ClientSession() as session,
        nginx(tmp_path, server.address[1]) as (plain, secure, trusted),
    ):
        http, https = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}"
        yield Site(http, https, session, trusted), intake


async def test_the_example_lets_in_who_has_the_token_and_a_monitor(
    site: tuple[Site, FakeIntake],
) -> None:
    client, intake = site
    status, headers = await client.asked("GET", "/health")
    assert status == 200
    assert "max-age" in headers["Strict-Transport-Security"]
    assert (await client.asked("GET", "/stats"))[0] == 401
    message = {"json": json.loads(MESSAGE.read_text("utf-8"))}
    assert (await client.asked("POST", "/webhook", **message))[0] == 401
    assert intake.submitted == []
    bearer = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
    assert (await client.asked("GET", "/stats", **bearer))[0] == 200
    assert (await client.asked("POST", "/webhook", **message, **bearer))[0] == 200
    [taken] = intake.submitted
    assert taken.phone_number == "+905551112233"
    assert [one.content for one in taken.history] == ["Merhaba, geçen hafta bakıma bırakmıştım."]


async def test_the_example_sends_who_comes_without_tls_to_tls(
    site: tuple[Site, FakeIntake],
) -> None:
    client, _ = site
    asked = client.session.get(
        f"{client.plain}/stats", headers={"Host": NAME}, allow_redirects=False
    )
    async with asked as answer:
        assert answer.status == 301
        assert answer.headers["Location"] == f"https://{NAME}/stats"


async def test_the_example_opens_the_pages_over_tls(tmp_path: Path, sqlite_store: Path) -> None:
    store = f"sqlite:///{shutil.copy(sqlite_store, tmp_path / 'store.db')}"
    proxies, names = frozenset({"127.0.0.1"}), frozenset({NAME})
    async with (
        house(store, is_open_here=False, host_names=names, proxies=proxies) as home,
        nginx(tmp_path, home.server.address[1]) as (plain, secure, trusted),
        ClientSession() as session,
    ):
        http, https = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}"
        client = Site(http, https, session, trusted)
        code = (await home.staff.link()).secret
        lies = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        status, headers = await client.asked(
            "POST",
            "/login",
            data={"code": code},
            headers={"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin", **lies},
            allow_redirects=False,
        )
        cookie = headers["Set-Cookie"]
        assert (status, cookie.startswith("__Host-"), "Secure" in cookie) == (303, True, True)
        me = {"headers": {"Cookie": cookie.partition(";")[0]}}
        assert (await client.asked("GET", "/v1/me", **me))[0] == 200
        assert (await client.asked("GET", "/v1/me"))[0] == 401
