"""People and programs write into chats, with files, and ask again until they are answered, while
the bridge is killed between any two steps. What customers really got is counted on the simulated
WhatsApp.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from izer_bridge.simulator.process import BridgeProcess, NotPrintedError
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.store.database import Database
from tests.chaos.arena import Arena, BrokenPromiseError
from tests.chaos.boundaries import WRITING_BOUNDARIES
from tests.servers.agent import AgentServer

_LIVENESS_SECONDS = 60
_PDF = b"%PDF-1.7\n" + bytes(range(256)) * 100
_WRITTEN = "SELECT state, error, proposed_text FROM outbox WHERE kind IN ('hand', 'program')"
_CHATS = "SELECT id FROM chats WHERE contact_id IS NOT NULL ORDER BY id"
_AT_REST = ("sent", "uncertain")
_AT_WORK = ("approved", "sending")
SETTINGS = {
    "IZER_REPLY__PER_CHAT_PER_HOUR": "60",
    "IZER_REPLY__PER_HOUR": "1000",
    "IZER_REPLY__QUIET_FROM": "00:00",
    "IZER_REPLY__QUIET_UNTIL": "00:00",
    "IZER_REPLY__HUMAN_PAUSE_MINUTES": "0",
    "IZER_REPLY__TYPING_SECONDS": "0.05",
}


@dataclass
class Wanted:
    """What somebody wants to write, under `key`; `is_accepted` once they were answered."""

    key: str
    chat_id: int
    author: str
    has_file: bool
    is_accepted: bool = False

    @property
    def words(self) -> str:
        return f"Yazı {self.key}"

    @property
    def file(self) -> bytes:
        return _PDF + self.key.encode()


@dataclass
class WritingArena(Arena):
    """`outcomes` counts the messages' results."""

    kills: int = 0
    wanted: list[Wanted] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    async def killed_somewhere(self, boundary: str = "") -> None:
        """Die once while three more are written."""
        boundary = boundary or self.random.choice(WRITING_BOUNDARIES)
        await self._want(3)
        async with self.mortal_bridge(boundary, self.random.randint(1, 2)) as bridge:
            await self._ask_until_it_dies(bridge)
            if not bridge.has_ended:
                await bridge.kill()
            if not bridge.was_killed:
                raise BrokenPromiseError(f"the bridge ended by itself: {bridge.output[-2000:]}")
        self.kills += 1
        self._check_received()

    async def settled(self) -> None:
        """Everybody is answered at last; each message arrived once, or may have."""
        bridge = await self.started()
        async with asyncio.timeout(_LIVENESS_SECONDS):
            while not all(one.is_accepted for one in self.wanted):
                await self._ask(bridge)
            rows = await self._at_rest()
        await self.ended()
        received = self._check_received()
        if len(rows) != len(self.wanted):
            raise BrokenPromiseError(f"{len(rows)} rows of {len(self.wanted)} messages")
        for row in rows:
            allowed = (1,) if row.state == "sent" else (0, 1)
            if row.state not in _AT_REST or received[row.proposed_text] not in allowed:
                count = received[row.proposed_text]
                told = f"one is {row.state} ({row.error}) and was received {count} times"
                raise BrokenPromiseError(told)
        self.outcomes = Counter(row.state for row in rows)

    async def _want(self, count: int) -> None:
        chats = [row.id for row in await self._rows(_CHATS)]
        for _ in range(count):
            key, author = f"k{len(self.wanted)}", self.random.choice(("person", "program"))
            has_file = self.random.random() < 0.7
            self.wanted.append(Wanted(key, self.random.choice(chats), author, has_file))

    async def _ask_until_it_dies(self, bridge: BridgeProcess) -> None:
        """Or until it has nothing left to do."""
        # Some places are passed before it is connected.
        with suppress(NotPrintedError):
            await bridge.line("state=connected")
        async with asyncio.timeout(_LIVENESS_SECONDS):
            while not bridge.has_ended:
                await self._ask(bridge)
                rows = await self._rows(_WRITTEN)
                if all(row.state in _AT_REST for row in rows) and len(rows) == len(self.wanted):
                    return
                await asyncio.sleep(0.05)

    async def _ask(self, bridge: BridgeProcess) -> None:
        """Whoever was not answered asks again, and now and then one who was."""
        for one in self.wanted:
            if one.is_accepted and self.random.random() < 0.95:
                continue
            try:
                await self._post(bridge, one)
            except (aiohttp.ClientError, ConnectionError, NotPrintedError):
                return

    async def _post(self, bridge: BridgeProcess, one: Wanted) -> None:
        token = await asyncio.to_thread((self.folder / "state/api_token").read_text)
        headers = {"Authorization": f"Bearer {token.strip()}", "Idempotency-Key": one.key}
        url = f"{await bridge.url()}/v1/conversations/{one.chat_id}"
        said = {"text": one.words, "author": one.author}
        form = aiohttp.FormData(said)
        form.add_field("file", one.file, filename="fatura.pdf")
        given: dict[str, Any] = {"data": form} if one.has_file else {"json": said}
        path = "files" if one.has_file else "messages"
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/{path}", headers=headers, **given) as answer,
        ):
            if answer.status not in (201, 409, 503):
                raise BrokenPromiseError(f"{answer.status}: {await answer.text()}")
            one.is_accepted = one.is_accepted or answer.status == 201

    async def _at_rest(self) -> list[Any]:
        while True:
            rows = await self._rows(_WRITTEN)
            if all(row.state not in _AT_WORK for row in rows):
                return rows
            await asyncio.sleep(0.1)

    async def _rows(self, query: str) -> list[Any]:
        async with Database(self.store_url) as database:
            return list((await database.read(lambda one: one.execute(text(query)))).all())

    def _check_received(self) -> Counter[str]:
        """How often each was received: once at most, with its own file."""
        received: Counter[str] = Counter()
        files = {one.words: one.file for one in self.wanted if one.has_file}
        for sent in self.whatsapp.server.outgoing:
            body = sent.body
            if body.HasField("deviceSentMessage"):
                continue
            part = body.documentWithCaptionMessage.message.documentMessage
            words = part.caption or body.extendedTextMessage.text
            received[words] += 1
            if words in files and self.whatsapp.media.opened(body) != files[words]:
                raise BrokenPromiseError(f"{words} came with another file")
        if twice := [words for words, count in received.items() if count > 1]:
            raise BrokenPromiseError(f"received twice: {twice}")
        return received


@asynccontextmanager
async def writing_arena(folder: Path, store_url: str, seed: int) -> AsyncIterator[WritingArena]:
    """A paired bridge with customers who have written, stopped; all chances are of `seed`."""
    (folder / "whatsapp").mkdir()
    async with Simulator(folder / "whatsapp") as whatsapp, AgentServer({"ok": True}) as agent:
        url = store_url or f"sqlite:///{folder / 'store.db'}"
        one = WritingArena(whatsapp, agent, folder, url, random.Random(seed), SETTINGS)
        await one.pair()
        try:
            yield one
            await one.settled()
            await one.verify()
        finally:
            if one.running is not None:
                await one.running.kill()


async def run(folder: Path, seed: int, kills: int, done: Callable[[int], None]) -> WritingArena:
    """`kills` deaths while people write. Raises BrokenPromiseError at the first violation."""
    async with writing_arena(folder, "", seed) as one:
        while one.kills < kills:
            await one.killed_somewhere()
            done(one.kills)
    return one
