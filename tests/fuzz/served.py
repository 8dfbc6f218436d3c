"""A part of the inputs over real HTTP and into a real store, where more can go wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from izer_bridge.agents.http_agent import HttpAgent
from izer_bridge.analysis.openai_analyser import OpenAIAnalyser
from izer_bridge.api import application
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Subject
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.web.server import Server
from izer_bridge.whatsapp.convert.messages import messages_of, receipts_of
from izer_bridge.whatsapp.crash_safety.gap_events import gaps_of
from izer_bridge.whatsapp.event_codes import EventCode
from tests.fuzz.targets import ACCOUNT
from tests.servers.agent import AgentServer
from tests.servers.loopback import Raw
from tests.servers.openai import OpenAIServer
from tests.store.ledgers import counts_of
from tests.web.fakes import FakeHealth

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SUBJECT = Subject("1", "Merhaba", _NOW, "Ayşe", "+905551112233", False, False, False, ())

Feed = Callable[[bytes], Awaitable[bool]]


class ServerError(Exception):
    """The API answered 5xx."""


@dataclass(frozen=True)
class _Feeds:
    """How an input is fed, by name of its target; each says whether it was accepted."""

    ledger: SqlLedger
    session: aiohttp.ClientSession
    api_url: str
    agent_server: AgentServer
    agent: HttpAgent
    openai_server: OpenAIServer
    openai: OpenAIAnalyser

    async def webhook(self, body: bytes) -> bool:
        headers = {"Content-Type": "application/json"}
        url = f"{self.api_url}/webhook"
        async with self.session.post(url, data=body, headers=headers) as response:
            await response.read()
            if response.status >= 500:
                raise ServerError(response.status)
            return response.status < 400

    async def record(self, code: EventCode, payload: bytes) -> bool:
        try:
            messages = messages_of(code, payload, ACCOUNT)
            gaps = gaps_of(code, payload, ACCOUNT, _NOW)
        except PermanentError:
            return False
        await self.ledger.record(messages)
        await self.ledger.notice(gaps)
        return True

    async def receive(self, payload: bytes) -> bool:
        try:
            receipts = receipts_of(EventCode.RECEIPT, payload, ACCOUNT)
        except PermanentError:
            return False
        await self.ledger.receive(receipts)
        return True

    async def ask_agent(self, content: bytes) -> bool:
        self.agent_server.script(Raw(content))
        try:
            await self.agent.process({}, "1")
        except (PermanentError, TransientError):
            return False
        return True

    async def ask_openai(self, content: bytes) -> bool:
        self.openai_server.script(Raw(content))
        try:
            await self.openai.analyse(_SUBJECT)
        except (PermanentError, TransientError):
            return False
        return True


@asynccontextmanager
async def feeds(store_url: str) -> AsyncIterator[dict[str, Feed]]:
    """A running API with an empty store, and an agent and a model that answer with the inputs."""
    async with AsyncExitStack() as opened:
        session = await opened.enter_async_context(aiohttp.ClientSession())
        ledger = SqlLedger(store_url, Screening(ImportanceRules.of([], []), False), "fuzz")
        opened.push_async_callback(ledger.close)
        await ledger.open()
        intake = HttpIntake(ledger, lambda: None)
        app = application(intake, FakeHealth(), counts_of(ledger), wait_seconds=0)
        api = await opened.enter_async_context(Server(app, port=0, stop_seconds=1))
        agent_server = await opened.enter_async_context(AgentServer())
        openai_server = await opened.enter_async_context(OpenAIServer())
        openai = OpenAIAnalyser(openai_server.base_url, "sk-test", "test-model", 10, True)
        opened.push_async_callback(openai.close)
        agent = HttpAgent("fuzzed", agent_server.url, session)
        into = _Feeds(ledger, session, api.url, agent_server, agent, openai_server, openai)
        yield {
            "message": lambda payload: into.record(EventCode.MESSAGE, payload),
            "history": lambda payload: into.record(EventCode.HISTORY_SYNC, payload),
            "receipt": into.receive,
            "undecryptable": lambda payload: into.record(EventCode.UNDECRYPTABLE, payload),
            "webhook": into.webhook,
            "agent": into.ask_agent,
            "openai": into.ask_openai,
        }


def sqlite_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'fuzz.db'}"
