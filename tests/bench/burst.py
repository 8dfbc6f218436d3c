"""A burst through the bare client and through the bridge on each store, in alternating rounds.

All is encrypted before the clock starts, and each text is a different one: half of the chats have
twenty lines before. What counts are ratios within one run: a noisy machine is noisy for all.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median

import pymysql

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator
from tests.bench.processes import cpu_seconds, pss_mib
from tests.bench.rates import bare_client
from tests.bench.texts import different
from tests.servers.mariadb import MariaDB

_LINES_BEFORE = 20
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 900
_COUNTS = "SELECT count(*), coalesce(sum(state IN ('settled', 'skipped', 'dead')), 0)"
BARE = "bare client"


@dataclass(frozen=True)
class Burst:
    """Messages a second, CPU in ms a message to the end, statements a message, PSS in MiB.

    What the bare client does not do is None, as are statements that no server counts.
    """

    received: float
    cpu_ms: float
    pss_mib: float
    stored: float | None = None
    worked: float | None = None
    statements: float | None = None


@dataclass
class Store:
    """Where a bridge writes, looked at from outside: how many messages it has, and has done."""

    url: str
    counts: Callable[[], tuple[int, int]]
    asked: Callable[[], int] | None = None
    looks: int = field(default=0)

    def look(self) -> tuple[int, int]:
        self.looks += 1
        try:
            return self.counts()
        except (sqlite3.OperationalError, pymysql.ProgrammingError):
            # The bridge has not made its tables yet.
            return 0, 0

    def statements(self) -> int:
        """Those of the bridge alone."""
        return 0 if self.asked is None else self.asked() - self.looks


def sqlite_store(folder: Path) -> Store:
    file = folder / "state" / "bridge.db"

    def counts() -> tuple[int, int]:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return tuple(connection.execute(f"{_COUNTS} FROM webhook_messages").fetchone())
        finally:
            connection.close()

    return Store("", counts)


def mariadb_store(server: MariaDB) -> Store:
    url = server.database()
    name = url.rpartition("/")[2]

    def counts() -> tuple[int, int]:
        [(stored, done)] = server.query(f"{_COUNTS} FROM {name}.webhook_messages")
        return int(stored), int(done)

    def asked() -> int:
        store.looks += 1
        return int(server.query("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])

    store = Store(url, counts, asked)
    return store


async def measure_bursts(
    server: MariaDB | None, messages: int, chats: int, rounds: int
) -> dict[str, Burst]:
    """The medians by name."""
    taken: dict[str, list[Burst]] = {}
    for _ in range(rounds):
        taken.setdefault(BARE, []).append(await _bare(messages, chats))
        taken.setdefault("SQLite", []).append(await _bridge(None, messages, chats))
        if server is not None:
            taken.setdefault("MariaDB", []).append(await _bridge(server, messages, chats))
    return {name: _median(bursts) for name, bursts in taken.items()}


def _median(bursts: Sequence[Burst]) -> Burst:
    values = {one.name: [getattr(burst, one.name) for burst in bursts] for one in fields(Burst)}
    known = {name: found for name, found in values.items() if None not in found}
    return Burst(**{name: round(median(found), 2) for name, found in known.items()})


async def _bare(messages: int, chats: int) -> Burst:
    async with bare_client() as (whatsapp, pid):
        people, texts = people_of(whatsapp, chats), different()
        await before_of(whatsapp, people, texts)
        sent = await sealed(whatsapp, people, texts, messages)
        began = cpu_seconds(pid)
        await released(whatsapp, sent)
        return Burst(_rate(sent), _ms(cpu_seconds(pid) - began, messages), pss_mib(pid))


async def _bridge(server: MariaDB | None, messages: int, chats: int) -> Burst:
    async with bridge_on(server) as (whatsapp, bridge, store):
        people, texts = people_of(whatsapp, chats), different()
        before = await before_of(whatsapp, people, texts)
        await until(store, lambda _, done: done >= before)
        sent = await sealed(whatsapp, people, texts, messages)
        cpu, statements = cpu_seconds(bridge.pid), store.statements()
        releasing = asyncio.create_task(released(whatsapp, sent))
        stored_ns = await until(store, lambda stored, _: stored >= before + messages)
        worked_ns = await until(store, lambda _, done: done >= before + messages)
        await releasing
        asked = store.statements() - statements
        first = sent[0].delivery.delivered_ns
        return Burst(
            received=_rate(sent),
            cpu_ms=_ms(cpu_seconds(bridge.pid) - cpu, messages),
            pss_mib=pss_mib(bridge.pid),
            stored=messages / ((stored_ns - first) / 1e9),
            worked=messages / ((worked_ns - first) / 1e9),
            statements=asked / messages if store.asked else None,
        )


@asynccontextmanager
async def bridge_on(
    server: MariaDB | None, **settings: str
) -> AsyncIterator[tuple[Simulator, BridgeProcess, Store]]:
    """A linked bridge with its local analyser and built-in agents."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = sqlite_store(folder) if server is None else mariadb_store(server)
        async with Simulator(folder) as whatsapp:
            environment = {
                **whatsapp.environment,
                "IZER_STATE_DIR": str(folder / "state"),
                "IZER_STORE__URL": store.url,
                "IZER_API__PORT": "0",
                "OPENAI_API_KEY": "",
                **settings,
            }
            async with BridgeProcess(whatsapp.command("run"), environment) as bridge:
                await whatsapp.scan(await bridge.code())
                await bridge.line("state=connected")
                yield whatsapp, bridge, store


async def until(
    store: Store, is_so: Callable[[int, int], bool], every: float = _LOOK_SECONDS
) -> int:
    """When what is stored and done is so, on the monotonic clock. Raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        # The store is another process's, which tells nobody.
        while not is_so(*await asyncio.to_thread(store.look)):  # noqa: ASYNC110
            await asyncio.sleep(every)
    return time.monotonic_ns()


def people_of(whatsapp: Simulator, chats: int) -> list[Person]:
    return [
        whatsapp.contact(f"+9055511{number:05d}", f"Müşteri {number}") for number in range(chats)
    ]


async def before_of(whatsapp: Simulator, people: Sequence[Person], texts: Iterator[str]) -> int:
    """The first of each opens its session; every second chat has more lines. How many there are."""
    sent = []
    for number, person in enumerate(people):
        for _ in range(_LINES_BEFORE if number % 2 == 0 else 1):
            sent.append(await whatsapp.say(person, content.text(next(texts))))
            if len(sent) == 1 or sent[-1].chat != sent[-2].chat:
                await whatsapp.acknowledged(sent[-1])
    await whatsapp.acknowledged(*sent)
    return len(sent)


async def sealed(
    whatsapp: Simulator, people: Sequence[Person], texts: Iterator[str], count: int
) -> list[Sent]:
    whatsapp.server.mailbox.hold()
    return [
        await whatsapp.say(people[number % len(people)], content.text(next(texts)))
        for number in range(count)
    ]


async def released(whatsapp: Simulator, sent: Sequence[Sent]) -> None:
    await whatsapp.server.mailbox.release()
    await whatsapp.acknowledged(*sent, timeout_seconds=_PATIENCE_SECONDS)


def _rate(sent: Sequence[Sent]) -> float:
    last = max(one.delivery.acknowledged_ns for one in sent)
    return len(sent) / ((last - sent[0].delivery.delivered_ns) / 1e9)


def _ms(seconds: float, messages: int) -> float:
    return seconds * 1000 / messages
