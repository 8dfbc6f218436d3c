"""What 10,000 open conversations cost a list, and 50 open boards the messages."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import text

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.conversation import ListKey
from izer_bridge.conversations.feed import ConversationFeed
from izer_bridge.conversations.ports import BoardChange
from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.servers.mariadb import MariaDB
from tests.store import many
from tests.store.ledgers import Clock
from tests.store.messages import NOON, RECORD, message
from tests.store.whole_way import ANSWERED, opened

_MESSAGES_A_CHAT = 100
_ROUNDS = 20
_BOARDS, _BATCH, _BATCHES = 50, 20, 10
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Boards:
    """Milliseconds by what is read; messages a second, through the whole store, by who looks."""

    store: str
    lists_ms: dict[str, float]
    without: float
    with_boards: float


async def measure_boards(server: MariaDB, chats: int, rounds: int) -> list[Boards]:
    with tempfile.TemporaryDirectory() as scratch:
        file = f"sqlite:///{Path(scratch) / 'boards.db'}"
        return [
            await _measured("SQLite", file, chats, rounds),
            await _measured(server.name, server.database(), chats, rounds),
        ]


async def _measured(name: str, url: str, chats: int, rounds: int) -> Boards:
    async with opened(url, _Clock()):
        many.fill(url, chats * _MESSAGES_A_CHAT, NOON)
    with many.connected(url) as connection:
        connection.execute(text("UPDATE conversations SET phase = 'waiting'"))
    many.analyse(url)
    async with opened(url, _Clock()) as ledger:
        desk = SqlConversations(ledger.store, _now, ClockRules())
        lists = {what: await _median(step) for what, step in (await _steps(desk, chats)).items()}
        work = _Work(ledger)
        await work.done()
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            # In turn, so that a busy machine affects both.
            rates[0].append(await work.rate())
            async with _boards(desk, work.tell):
                rates[1].append(await work.rate())
        return Boards(name, lists, median(rates[0]), median(rates[1]))


class _Clock(Clock):
    """The machine's, which lists and looks are compared with."""

    def __call__(self) -> datetime:
        return _now()


def _now() -> datetime:
    return datetime.now(UTC)


async def _steps(desk: SqlConversations, chats: int) -> dict[str, Callable[[], Awaitable[object]]]:
    page = await desk.page(limit=40)
    key: ListKey | None = page.following
    for _ in range(chats // 400):
        key = (await desk.page(after=key, limit=200)).following
    changed = [one.chat_id for one in page.conversations]
    return {
        "the first 40": lambda: desk.page(limit=40),
        "40 from the middle": lambda: desk.page(after=key, limit=40),
        "the counts": desk.counts,
        "a look at changes": lambda: desk.changed_since(_now()),
        "200 changes": lambda: desk.changed_since(_LONG_AGO),
        "40 that changed": lambda: desk.some(changed),
    }


async def _median(step: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        await step()
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


@asynccontextmanager
async def _boards(desk: SqlConversations, told: list[Callable[[], None]]) -> AsyncIterator[None]:
    """So many listen, each as quickly as it hears."""
    feed = ConversationFeed(desk, _now)
    loop = feed.loop()

    async def hear() -> None:
        heard: list[BoardChange] = []
        async for change in feed.listen():
            heard[:] = [change]

    told.append(loop.hint)
    async with asyncio.TaskGroup() as tasks:
        boards = [tasks.create_task(hear()) for _ in range(_BOARDS)]
        tasks.create_task(loop.run())
        yield
        loop.stop()
        for one in boards:
            one.cancel()
    told.clear()


class _Work:
    """Messages of as many customers as are recorded at once, from recording to draft."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger
        self._number = 0
        self.tell: list[Callable[[], None]] = []

    async def rate(self) -> float:
        start = time.perf_counter()
        for _ in range(_BATCHES):
            await self.done()
        return _BATCHES * _BATCH / (time.perf_counter() - start)

    async def done(self) -> None:
        said = []
        for place in range(_BATCH):
            self._number += 1
            jid = Jid(f"90555{1_000_000 + place}", "s.whatsapp.net")
            said.append(message(self._number, chat=jid, sender=jid, sent_at=_now()))
        await self._ledger.record(said)
        self._hint()
        works = await self._ledger.claim(_BATCH, run=50, context=20)
        await self._ledger.finish([Worked(one, RECORD, ANSWERED) for one in works])
        self._hint()

    def _hint(self) -> None:
        for one in self.tell:
            one()
