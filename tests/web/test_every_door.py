"""Every route of the whole interface, as its router has them, tried by those who may not.

A route that is added is tried, too. Whatever is refused has changed nothing in the store.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar, hdrs, web

from izer_bridge.conditions.metrics import Meters
from izer_bridge.config import Config
from izer_bridge.conversations.wiring import build_conversations
from izer_bridge.host.loop import Hint
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.media.files import MediaFiles
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.web.access import CSRF_HEADER, csrf_of
from izer_bridge.web.caller import Role
from izer_bridge.web.operation import OPERATIONS
from izer_bridge.web.server import PortState
from izer_bridge.wiring.interface import BehindTheInterface, build_server
from tests.conditions.mending import Mended
from tests.store.ledgers import SCREENING
from tests.store.messages import ACCOUNT, message
from tests.web.fakes import FakeStats

# They are proved by what they carry: a signature, a link or token, the value in the form.
_PROVES_ITSELF = frozenset({"webhook", "login", "logout"})
_READS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_PLACE = re.compile(r"{(\w+)}")
_NOBODYS = "9" * 18


@dataclass(frozen=True)
class Tried:
    """A route by its name, with an address of it that leads to `nobodys` id."""

    method: str
    path: str
    name: str

    @property
    def is_page(self) -> bool:
        return self.name.startswith("page-")


@dataclass
class House:
    """The whole interface over a real store with a conversation; `app` is what it serves."""

    app: web.Application
    url: str
    staff: SqlStaff
    store: Path
    session: ClientSession

    def routes(self) -> Iterator[Tried]:
        for route in self.app.router.routes():
            path = route.resource.canonical if route.resource is not None else ""
            named = _PLACE.sub(lambda it: _NOBODYS if it[1].endswith("id") else "nobody", path)
            yield Tried(route.method, named, route.name or "")

    def writes(self) -> list[Tried]:
        return [
            one
            for one in self.routes()
            if one.method not in _READS and one.name not in _PROVES_ITSELF
        ]

    async def status(self, one: Tried, headers: Mapping[str, str], **options: Any) -> int:
        async with self.session.request(
            one.method, self.url + one.path, headers=headers, allow_redirects=False, **options
        ) as answer:
            await answer.read()
            return answer.status

    async def entered(self, name: str | None = None) -> str:
        """The secret of a new session of a member's, or of the owner's."""
        link = await self.staff.link(name)
        opened = await self.staff.open_by_link(link.secret, "test")
        assert opened is not None
        return opened.secret

    def kept(self) -> list[str]:
        """All that the store holds, but for who has come in."""
        with closing(sqlite3.connect(self.store)) as connection:
            lines = list(connection.iterdump())
        return [line for line in lines if not re.match(r'INSERT INTO "?staff', line)]

    def expire(self) -> None:
        """All sessions are over."""
        with closing(sqlite3.connect(self.store)) as connection, connection:
            connection.execute(
                "UPDATE staff_sessions SET expires_at = '2026-01-01 00:00:00.000000'"
            )


def browser(session: str, csrf: str | None = None, **more: str) -> dict[str, str]:
    headers = {"Cookie": f"izer_session={session}", **more}
    return headers if csrf is None else headers | {CSRF_HEADER: csrf}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = tmp_path / "store.db"
    config = Config(
        state_dir=tmp_path,
        store={"url": f"sqlite:///{store}"},
        api={"port": 0, "requests_per_second": 0},
    )
    ledger = SqlLedger(config.store_url, SCREENING, "me")
    await ledger.open()
    await ledger.record([message(1)])
    inbox, files = SqliteInbox(tmp_path / "inbox.db"), MediaFiles(tmp_path)
    link: Any = SimpleNamespace(account=ACCOUNT, is_ready=True)
    behind = BehindTheInterface(
        ledger=ledger,
        files=files,
        intake=HttpIntake(ledger, lambda: None, files, None),
        desk=Mended(ledger, inbox, tmp_path).desk,
        counts=FakeStats(),
        meters=Meters(),
        boards=build_conversations(config, ledger.store, ledger.clock, Hint()),
        link=link,
        to_send=lambda: None,
    )
    server = build_server(config, behind, PortState())
    staff = SqlStaff(ledger.store, ledger.clock)
    async with server, ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield House(server._app, server.url, staff, store, session)
    inbox.close()
    await ledger.close()


@pytest.mark.attack("a write without the right to it, at any route")
async def test_no_write_is_done_for_who_may_not(house: House) -> None:
    await house.staff.add("Ayşe", Role.STAFF, "owner")
    mine, others, left = await house.entered("Ayşe"), await house.entered(), await house.entered()
    await house.staff.log_out(left)
    kept, writes = house.kept(), house.writes()
    assert len(writes) > 30
    tried = {
        "nobody": ({}, 401),
        "an invented cookie": (browser("invented", csrf_of("invented")), 401),
        "a session that has left": (browser(left, csrf_of(left)), 401),
        "no value of the page": (browser(mine), 403),
        "the value of another session": (browser(mine, csrf_of(others)), 403),
        "a page of another site": (
            browser(mine, csrf_of(mine), Origin="https://evil.example"),
            403,
        ),
        "a link from another site": (
            browser(mine, csrf_of(mine), **{"Sec-Fetch-Site": "cross-site"}),
            403,
        ),
    }
    for who, (headers, status) in tried.items():
        found = {(one.method, one.path): await house.status(one, headers) for one in writes}
        assert {which: said for which, said in found.items() if said != status} == {}, who
    house.expire()
    headers = browser(others, csrf_of(others))
    assert {await house.status(one, headers) for one in writes} == {401}
    assert house.kept() == kept


@pytest.mark.attack("staff who do what an owner decides, at any route")
async def test_staff_are_refused_what_is_an_owners(house: House) -> None:
    await house.staff.add("Ayşe", Role.STAFF, "owner")
    mine = await house.entered("Ayşe")
    owners = {f"v1-{one.name}" for one in house.app[OPERATIONS] if one.role is Role.OWNER}
    kept, routes = house.kept(), [one for one in house.routes() if one.name in owners]
    assert {one.name for one in routes} == owners
    for one in routes:
        assert await house.status(one, browser(mine, csrf_of(mine))) == 403, one
    assert house.kept() == kept


@pytest.mark.attack("a page or list that is shown to who has not come in")
async def test_nothing_is_shown_to_who_has_not_come_in(house: House) -> None:
    mine = await house.entered()
    house.expire()
    for one in house.routes():
        if one.method not in _READS or not (one.is_page or one.name.startswith("v1-")):
            continue
        for headers in ({}, browser(mine), browser("invented")):
            assert await house.status(one, headers) == (303 if one.is_page else 401), one
            script = {**headers, "Sec-Fetch-Dest": "empty"}
            assert await house.status(one, script) == 401, one


async def test_an_id_of_nobodys_is_refused_and_changes_nothing(house: House) -> None:
    """With any body, and again as the same form: the owner's own writes of what is not there."""
    mine = await house.entered()
    headers = browser(mine, csrf_of(mine))
    kept, writes = house.kept(), [one for one in house.writes() if _NOBODYS in one.path]
    assert len(writes) > 20
    for one in writes:
        for body in ({}, {"text": "x"}, {"until": "2020-01-01T00:00:00Z"}, {"urgency": 9}):
            for _ in range(2):
                status = await house.status(one, headers | {"Idempotency-Key": "k"}, json=body)
                assert 400 <= status < 500, (one, body)
    assert house.kept() == kept
