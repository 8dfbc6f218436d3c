"""Operations of `/v1` on a free port of loopback, asked as anybody, or as somebody of a role."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession

from izer_bridge.api import application
from izer_bridge.web.access import ANYBODY, Access
from izer_bridge.web.idempotency import Answers, KeptAnswer
from izer_bridge.web.operation import V1, AnyOperation
from izer_bridge.web.server import Server
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats
from tests.web.running_api import Api


@dataclass
class RememberedAnswers:
    """The answers of writes, in memory."""

    answers: dict[str, KeptAnswer] = field(default_factory=dict)

    async def find(self, name: str) -> KeptAnswer | None:
        return self.answers.get(name)

    async def keep(self, name: str, answer: KeptAnswer) -> None:
        self.answers[name] = answer


@asynccontextmanager
async def serving(
    operations: Sequence[AnyOperation],
    access: Access = ANYBODY,
    answers: Answers | None = None,
) -> AsyncIterator[Api]:
    """The interface with these operations; without an `access` everybody is an owner."""
    intake, health, stats = FakeIntake(), FakeHealth(), FakeStats()
    v1 = V1(operations, answers or RememberedAnswers())
    server = Server(application(intake, health, stats, access, v1=v1), port=0, stop_seconds=1)
    async with server, ClientSession() as session:
        yield Api(intake, health, stats, server, session)
