"""A real bridge on a simulated WhatsApp that is sent anything; nobody else there may notice.

Each input goes one of three ways: encrypted by a stranger, posted to `/webhook`, or as a raw event
of the client that this bridge's inbox takes back. After each group of inputs a customer writes,
and is waited for: that also paces the inputs to what the bridge works off.
"""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

import aiohttp
from sqlalchemy import text

from izer_bridge.host import logs
from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.store.database import Database
from izer_bridge.whatsapp.event_codes import EventCode
from tests.fuzz import protobufs
from tests.fuzz.run import CrashError, named

T = TypeVar("T")

GROUP = 20
_LONGEST_SECONDS = 90.0
_CUSTOMERS, _STRANGERS = 40, 12
_STANZA_TYPES = ("text", "media", "reaction", "poll", "event", "")
_TIMES = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
_RAW = (
    (EventCode.MESSAGE, "message"),
    (EventCode.MESSAGE, "message"),
    (EventCode.HISTORY_SYNC, "history"),
    (EventCode.UNDECRYPTABLE, "undecryptable"),
    (EventCode.RECEIPT, "receipt"),
)
_ASIDE = re.compile(r"event=event_set_aside .*kind=(.*?) reason=.* place=(\S+)")
_STATE = text("SELECT state FROM webhook_messages WHERE message_id = :id")
_WANTED = """
INSERT INTO set_aside (sequence, code, payload, received_us, kind, reason, is_wanted)
VALUES ((SELECT min(0, coalesce(min(sequence), 0)) - 1 FROM set_aside), ?, ?, 0, '', '', 1)
"""
_COUNT = text("SELECT count(*) FROM webhook_messages")


class StallError(Exception):
    """A customer who wrote after a group of inputs was kept waiting, or the bridge ended."""


@dataclass
class Course:
    """The result of a run; `aside` are events by kind of error, `places` by where it was."""

    sent: int = 0
    rows: int = 0
    aside: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    webhook: dict[int, int] = field(default_factory=dict)
    exits: int = 0
    stalls: int = 0
    customers: int = 0
    slowest_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def server_errors(self) -> int:
        return sum(count for status, count in self.webhook.items() if status >= 500)


class Town:
    """One linked bridge with its store; `feed` sends inputs by their numbers."""

    def __init__(self, whatsapp: Simulator, folder: Path, store_url: str, seed: int) -> None:
        self.course = Course()
        self._whatsapp = whatsapp
        self._seed = seed
        self._inbox = folder / "state" / "inbox.db"
        self._database = Database(store_url)
        self._bridge = BridgeProcess(
            whatsapp.command("run"),
            {
                **whatsapp.environment,
                "IZER_STATE_DIR": str(folder / "state"),
                "IZER_STORE__URL": store_url,
                "IZER_API__PORT": "0",
                "IZER_API__REQUESTS_PER_SECOND": "1000",
                "OPENAI_API_KEY": "",
            },
        )
        self._strangers = [
            whatsapp.contact(f"+90555333{number:04d}", "", lid=f"1000000003{number:04d}")
            for number in range(_STRANGERS)
        ]
        self._customers = [
            whatsapp.contact(f"+90555222{number:04d}", f"Müşteri {number}")
            for number in range(_CUSTOMERS)
        ]
        self._group = whatsapp.group("Pazar turu", self._strangers)

    async def open(self) -> None:
        self._database.start()
        await self._bridge.start()
        await self._whatsapp.scan(await self._bridge.code())
        self._url = await self._bridge.url()
        await self._bridge.line("state=connected")
        await self._whatsapp.say(self._customers[0], content.text("Merhaba"))
        await self._bridge.line("message_dispatched")

    async def close(self) -> None:
        await self._database.close()
        if not self._bridge.has_ended:
            await self._bridge.kill()

    async def feed(self, numbers: Sequence[int]) -> None:
        """A group of inputs, and then a customer. Raises StallError."""
        raw: list[tuple[int, bytes]] = []
        posted: list[bytes] = []
        for number in numbers:
            random = Random(f"{self._seed}:bridge:{number}")
            way = random.random()
            if way < 0.5:
                await self._write(random)
            elif way < 0.8:
                code, target = random.choice(_RAW)
                raw.append((code, named(target).input(self._seed, number)))
            else:
                posted.append(named("webhook").input(self._seed, number))
        self._inject(raw)
        self.course.sent += len(numbers)
        async with aiohttp.ClientSession() as session:
            posting = (self._post(session, body) for body in posted)
            outcomes = await asyncio.gather(self._customer(), *posting, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def finish(self) -> Course:
        """Check the results. Raises StallError."""
        async with aiohttp.ClientSession() as session, session.get(f"{self._url}/health") as answer:
            health = await answer.json()
        self.course.aside = health["inbox"]["set_aside"]
        self.course.rows = await self._database.read(lambda one: one.scalar(_COUNT))
        if await self._bridge.stop() != 0:
            self.course.exits += 1
            raise StallError(self._bridge.output[-2000:])
        return self.course

    async def _write(self, random: Random) -> None:
        """A stranger writes, in their chat or in a group."""
        stranger = random.choice(self._strangers)
        stranger.name = protobufs.name(random)
        words = content.raw(protobufs.body(random), random.choice(_STANZA_TYPES))
        await self._whatsapp.say(
            stranger,
            words,
            to=self._group if random.random() < 0.2 else None,
            at=random.choice(_TIMES) if random.random() < 0.1 else None,
            identifier=protobufs.name(random) if random.random() < 0.1 else "",
        )

    def _inject(self, events: Sequence[tuple[int, bytes]]) -> None:
        """As if they had been set aside and the operator wanted to retry them."""
        with closing(sqlite3.connect(self._inbox, timeout=30)) as inbox, inbox:
            inbox.executemany(_WANTED, events)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        try:
            async with session.post(f"{self._url}/webhook", data=body, headers=headers) as answer:
                await answer.read()
                _count(self.course.webhook, answer.status)
        except aiohttp.ClientError as error:
            raise StallError(f"/webhook: {type(error).__name__}") from error

    async def _customer(self) -> None:
        """The next customer writes; they must be served. Raises StallError."""
        customer = self._customers[self.course.customers % _CUSTOMERS]
        began = time.monotonic()
        sent = await self._whatsapp.say(customer, content.text("Bisikletim hazır mı?"))
        while not await self._is_settled(sent.id):
            if self._bridge.has_ended:
                self.course.exits += 1
                raise StallError(f"the bridge has ended: {self._bridge.output[-2000:]}")
            if time.monotonic() - began > _LONGEST_SECONDS:
                self.course.stalls += 1
                raise StallError(f"no answer to {sent.id}: {self._bridge.output[-2000:]}")
            await asyncio.sleep(0.05)
        for kind, place in _ASIDE.findall(self._bridge.output):
            _count(self.course.places, f"{kind} at {place}")
        self._bridge.output = ""
        waited = time.monotonic() - began
        self.course.customers += 1
        self.course.slowest_seconds = max(self.course.slowest_seconds, waited)

    async def _is_settled(self, message_id: str) -> bool:
        state = await self._database.read(lambda one: one.scalar(_STATE, {"id": message_id}))
        return bool(state == "settled")


def _count(counts: dict[T, int], what: T) -> None:
    counts[what] = counts.get(what, 0) + 1


@asynccontextmanager
async def town(folder: Path, store_url: str, seed: int) -> AsyncIterator[Town]:
    (folder / "whatsapp").mkdir(parents=True)
    async with Simulator(folder / "whatsapp") as whatsapp:
        one = Town(whatsapp, folder, store_url, seed)
        try:
            await one.open()
            yield one
        finally:
            await one.close()


def run_in_process(folder: Path, store_url: str, seed: int, numbers: range) -> Course:
    """The same as `run`, for a process that does nothing else."""
    logs.configure("error")
    return asyncio.run(run(folder, store_url, seed, numbers))


async def run(folder: Path, store_url: str, seed: int, numbers: range) -> Course:
    """All the inputs, into an empty store. Raises CrashError."""
    began = time.monotonic()
    async with town(folder / "town", store_url, seed) as one:
        for group in (numbers[start : start + GROUP] for start in range(0, len(numbers), GROUP)):
            try:
                await one.feed(group)
            except StallError as error:
                crashed, why = group, str(error)
                break
        else:
            course = await one.finish()
            course.seconds = round(time.monotonic() - began, 1)
            return course
    raise await _narrowed(folder, store_url, seed, crashed, why)


async def _narrowed(
    folder: Path, store_url: str, seed: int, numbers: range, why: str
) -> CrashError:
    """The first that fails alone, on a fresh bridge with the same store; else all of them."""
    for number in numbers:
        try:
            async with town(folder / f"again-{number}", store_url, seed) as one:
                await one.feed([number])
        except StallError as error:
            return CrashError("bridge", seed, number, str(error))
    together = f"only {len(numbers)} inputs from here on together: {why}"
    return CrashError("bridge", seed, numbers[0], together)
