"""Messages per second: the bare client, the bridge without crash safety, and with it.

Rounds of all three alternate in one run, so that a noisy machine is noisy for each.
"""

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator

_PEOPLE = 20


@dataclass(frozen=True)
class Rates:
    """Messages per second, medians of the rounds; `of_bare` and `of_careless` are their ratios."""

    bare: float
    careless: float
    careful: float
    messages: int
    rounds: int

    @property
    def of_bare(self) -> float:
        return round(self.careless / self.bare, 2)

    @property
    def of_careless(self) -> float:
        return round(self.careful / self.careless, 2)


async def measure_rates(messages: int, rounds: int) -> Rates:
    taken: dict[str, list[float]] = {"bare": [], "careless": [], "careful": []}
    for _ in range(rounds):
        taken["bare"].append(await _bare(messages))
        taken["careless"].append(await _bridge(messages, careful=False))
        taken["careful"].append(await _bridge(messages, careful=True))
    figures = {name: round(median(rates), 1) for name, rates in taken.items()}
    return Rates(**figures, messages=messages, rounds=rounds)


async def _bridge(count: int, *, careful: bool) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        durable = folder / "durable.json"
        async with Simulator(folder) as whatsapp:
            root = whatsapp.server.root.public.hex()
            care = "careful" if careful else "careless"
            timed = ["tests.bench.timed_bridge", root, str(durable), care, "run"]
            environment = {
                **whatsapp.environment,
                "IZER_STATE_DIR": str(folder / "state"),
                "IZER_API__PORT": "0",
                "OPENAI_API_KEY": "",
                "IZER_GROUPS__CRITICAL": "[]",
            }
            async with BridgeProcess([sys.executable, "-m", *timed], environment) as bridge:
                await whatsapp.scan(await bridge.code())
                await bridge.line("state=connected")
                sent = await _burst(whatsapp, count)
                await bridge.stop()
        times = json.loads(durable.read_text())
        return _rate(sent, (times[one.id] for one in sent))


async def _bare(count: int) -> float:
    async with bare_client() as bare:
        sent = await _burst(bare.whatsapp, count)
        return _rate(sent, (one.delivery.acknowledged_ns for one in sent))


@dataclass
class Bare:
    """The stock client in a separate process; it `has_history` once a chunk has come."""

    whatsapp: Simulator
    pid: int
    has_history: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def bare_client() -> AsyncIterator[Bare]:
    """The stock client, linked, with its session file in WAL mode like the bridge's."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        session = folder / "session.db"
        with closing(sqlite3.connect(session)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        async with Simulator(folder) as whatsapp:
            root = whatsapp.server.root.public.hex()
            process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "tests.simulator.bare_client", root, str(session)],
                env={**os.environ, **whatsapp.environment},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                process_group=0,
            )
            draining = None
            try:
                await _pair(whatsapp, process)
                bare = Bare(whatsapp, process.pid)
                draining = asyncio.create_task(_drain(process, bare))
                yield bare
            finally:
                process.kill()
                await process.wait()
                if draining is not None:
                    await draining


async def _pair(whatsapp: Simulator, process: asyncio.subprocess.Process) -> None:
    if process.stdout is None:
        raise RuntimeError("the client was started without a pipe")
    async for line in process.stdout:
        event = json.loads(line) if line.startswith(b"{") else {}
        if event.get("event") == "code":
            await whatsapp.scan(event["text"])
        if event.get("event") == "connected":
            return


async def _drain(process: asyncio.subprocess.Process, bare: Bare) -> None:
    if process.stdout is not None:
        async for line in process.stdout:
            if b'"event": "history"' in line:
                bare.has_history.set()


async def _burst(whatsapp: Simulator, count: int) -> list[Sent]:
    """All at once; each person's first message comes before, since it opens a session."""
    people = [
        whatsapp.contact(f"+9055511{number:05d}", f"Müşteri {number}") for number in range(_PEOPLE)
    ]
    first = [await whatsapp.say(person, content.text("Merhaba")) for person in people]
    await whatsapp.acknowledged(*first)
    sent = [
        await whatsapp.say(people[number % _PEOPLE], content.text(f"{number}. mesaj"))
        for number in range(count)
    ]
    await whatsapp.acknowledged(*sent, timeout_seconds=120)
    return sent


def _rate(sent: list[Sent], ended_ns: Iterable[int]) -> float:
    return len(sent) / ((max(ended_ns) - sent[0].delivery.delivered_ns) / 1e9)
