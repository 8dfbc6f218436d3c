"""The HTTP interface on a free port of loopback, with stand-ins behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from izer_bridge.api import application
from izer_bridge.web.server import Server
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    headers: dict[str, str]
    json: Any

    @property
    def fields(self) -> list[str]:
        return [error["field"] for error in self.json["errors"]]


@dataclass(frozen=True)
class Api:
    """A running interface and a client of it."""

    intake: FakeIntake
    health: FakeHealth
    stats: FakeStats
    server: Server
    session: ClientSession

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        url = f"{self.server.url}{path}"
        async with self.session.request(method, url, **options) as response:
            content = await response.json(content_type=None) if method != "HEAD" else None
            headers = dict(response.headers)
            return Answer(response.status, response.content_type, headers, content)

    async def post(self, body: Any) -> Answer:
        return await self.request("POST", "/webhook", json=body)

    async def refused(self, status: int, **options: Any) -> Answer:
        """POST something that must be refused, and check that a whole problem came and nothing went
        in.
        """
        answer = await self.request("POST", "/webhook", **options)
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert answer.json["status"] == status
        assert answer.json["title"]
        assert answer.json["detail"]
        assert self.intake.submitted == []
        return answer


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    intake, health, stats = FakeIntake(), FakeHealth(), FakeStats()
    server = Server(application(intake, health, stats), port=0, stop_seconds=1)
    async with server, ClientSession() as session:
        yield Api(intake, health, stats, server, session)
