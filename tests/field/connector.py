"""Connectors' requests, and a bridge without a link: real HTTP, store and agents."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from izer_bridge.api import application
from izer_bridge.config import Config
from izer_bridge.domain.download import Sink
from izer_bridge.host.clock import CLOCK
from izer_bridge.host.loop import Hint
from izer_bridge.media.decide import MediaWording
from izer_bridge.media.files import MediaFiles
from izer_bridge.media.step import MediaKeeper, MediaSteps
from izer_bridge.pipeline.signals import WorkSignals
from izer_bridge.pipeline.webhook_intake import HttpIntake
from izer_bridge.pipeline.worker import Worker
from izer_bridge.web.server import Server
from izer_bridge.wiring.work import CHATS_SIDE_BY_SIDE, build_ledger, build_steps
from tests.end_to_end.stored import Store
from tests.store.ledgers import counts_of
from tests.web.fakes import FakeHealth

MOST_BYTES = 64 * 1024


class NoPhone:
    """Nothing is downloaded: files come with their requests."""

    async def fetch(self, source: bytes, into: Sink, most_bytes: int) -> None:
        raise AssertionError("there is no phone")


class Describer:
    async def write(self, data: bytes, mimetype: str) -> str:
        return "eğri bir jant"


@dataclass
class Shop:
    url: str
    session: aiohttp.ClientSession
    store: Store
    folder: Path

    async def post(self, body: Any) -> tuple[int, Any]:
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with self.session.post(f"{self.url}/webhook", **given) as response:
            return response.status, await response.json(content_type=None)

    async def taken(self, **changes: Any) -> Any:
        """Posted and answered with 200; returns the answer."""
        status, answer = await self.post(body(**changes))
        assert status == 200, answer
        return answer

    async def row(self, message_id: str) -> Any:
        [found] = [one for one in await self.store.messages() if one.message_id == message_id]
        return found

    async def contents(self, answer: Any) -> Sequence[str]:
        return await self.store.context(answer["database_id"])


@asynccontextmanager
async def open_shop(store_url: str, folder: Path, **settings: Any) -> AsyncIterator[Shop]:
    config = Config(store={"url": store_url}, state_dir=folder, **settings)
    async with AsyncExitStack() as opened:
        ledger = build_ledger(config, "field", opened)
        await ledger.open()
        steps = await build_steps(config, None, ledger, opened)
        files = MediaFiles(folder)
        writers = {MediaWording.DESCRIPTION: Describer()}
        work, file = Hint(), Hint()
        media = MediaKeeper(
            ledger.media(),
            MediaSteps(MOST_BYTES, NoPhone(), files, writers),
            CLOCK,
            lambda: None,
            work,
            file,
        )

        def hint() -> None:
            file()
            work()

        intake = HttpIntake(ledger, hint, files, MOST_BYTES)
        signals = WorkSignals(work, rested=intake.moved)
        worker = Worker(ledger, steps, CLOCK, CHATS_SIDE_BY_SIDE, signals)
        app = application(intake, FakeHealth(), counts_of(ledger), most_file_bytes=MOST_BYTES)
        server = await opened.enter_async_context(Server(app, port=0, stop_seconds=1))
        session = await opened.enter_async_context(aiohttp.ClientSession())
        running = asyncio.gather(worker.run(), media.run())
        yield Shop(server.url, session, Store(store_url), folder)
        media.stop()
        worker.stop()
        await running


def body(**changes: Any) -> dict[str, Any]:
    """A request in the replaced system's form; `changes` replace its keys."""
    return {
        "message_id": "f1",
        "chat_time": "2026-11-29T12:00:00Z",
        "chat_name": "Ali",
        "phone_number": "+905551112240",
        "current_message": "Fren ayarı ne kadar?",
        "history": [],
    } | changes


def fetched(count: int, last: str, **fields: Any) -> list[dict[str, Any]]:
    """A chat as `chat.fetchMessages` returns it, newest first, the message itself among it."""
    earlier = [
        {
            "sender": "905551112240@c.us",
            "content": f"eski {number}",
            "timestamp": 1795953600 - 60 * (count - number),
            "type": "chat",
            "fromMe": number % 3 == 0,
        }
        for number in range(1, count)
    ]
    itself = {
        "sender": "905551112240@c.us",
        "content": last,
        "timestamp": 1795953599,
        "type": "chat",
        "fromMe": False,
    } | fields
    return [itself, *reversed(earlier)]
