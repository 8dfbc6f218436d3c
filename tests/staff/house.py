"""A house with a door: staff in a real store, and the interface that asks them who they are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, CookieJar, web
from pydantic import SecretStr

from izer_bridge.api import application
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.replies.drafts_api import DraftOperations
from izer_bridge.staff.api import StaffOperations
from izer_bridge.staff.known import KnownStaff
from izer_bridge.staff.login import LoginPages
from izer_bridge.staff.page import StaffPage
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.store.database import Database
from izer_bridge.web.access import Access
from izer_bridge.web.caller import CALLER
from izer_bridge.web.operation import V1
from izer_bridge.web.server import Server
from izer_bridge.web.store import SqlAnswers
from tests.replies.test_api import Desk
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats
from tests.web.running_api import Answer

BRIDGE_TOKEN = "0123456789abcdef0123456789abcdef"
PAGES_AT = "https://kopru.example:8443"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The store's clock, and the one of what is remembered."""

    now: datetime = AT
    seconds: float = 0.0


@dataclass
class House:
    staff: SqlStaff
    server: Server
    clock: Clock
    desk: Desk
    sessions: list[ClientSession] = field(default_factory=list)

    def browser(self) -> "Browser":
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.sessions.append(session)
        return Browser(self.server.url, session)


@dataclass(frozen=True)
class Browser:
    """Keeps cookies and follows nothing by itself."""

    url: str
    session: ClientSession

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        options = {"allow_redirects": False, **options}
        async with self.session.request(method, self.url + path, **options) as response:
            is_json = response.content_type.endswith("json")
            content = await response.json(content_type=None) if is_json else await response.text()
            headers = dict(response.headers)
            return Answer(response.status, response.content_type, headers, content)

    async def log_in(self, **fields: str) -> Answer:
        return await self.request("POST", "/login", data=fields)

    async def me(self) -> Answer:
        return await self.request("GET", "/v1/me")


class Hall:
    """A page that says who is there."""

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self.get, name="page-hall")

    async def get(self, request: web.Request) -> web.Response:
        return web.Response(text=request[CALLER].name)


@asynccontextmanager
async def house(store_url: str, **access: Any) -> AsyncIterator[House]:
    """`access` replaces what the interface asks for: on loopback, with the bridge's token."""
    clock, desk = Clock(), Desk()
    async with Database(store_url) as database:

        async def store() -> Database:
            return database

        staff = SqlStaff(store, lambda: clock.now)
        known = KnownStaff(staff, lambda: clock.seconds)
        app = application(
            FakeIntake(),
            FakeHealth(),
            FakeStats(),
            Access(
                **{
                    "token": SecretStr(BRIDGE_TOKEN),
                    "is_open_here": True,
                    "people": known,
                    **access,
                }
            ),
            v1=V1(
                (
                    *StaffOperations(staff, known, PAGES_AT).all(),
                    *DraftOperations(desk, desk.hint).all(),
                ),
                SqlAnswers(store, lambda: clock.now),
            ),
            pages=(
                LoginPages(staff, known),
                StaffPage(staff, known, ZoneInfo("Europe/Istanbul"), PAGES_AT),
                Hall(),
            ),
            drafts=DraftRoutes(desk, desk.hint),
        )
        async with Server(app, port=0, stop_seconds=1) as server:
            built = House(staff, server, clock, desk)
            try:
                yield built
            finally:
                for session in built.sessions:
                    await session.close()
