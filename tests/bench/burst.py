"""A burst through the bare client and through the bridge on each store, in alternating rounds.

All is encrypted before the clock starts, and each text is a different one: half of the chats have
twenty lines before. What counts are ratios within one run: a noisy machine is noisy for all.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median
from typing import Any

import pymysql

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Group, Person
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
_PAGES = "SELECT (page_count - freelist_count) * page_size"
_OF_PAGES = "pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
# Critical by the default settings, so that the bridge works its messages.
_GROUP = "İzer Management"
BARE = "bare client"


@dataclass(frozen=True)
class Shape:
    """Who writes: this many people, each in their own chat or all in one group."""

    name: str
    people: int
    is_group: bool = False


SHAPES = (Shape("20 chats", 20), Shape("one chat", 1), Shape("a group of 20", 20, is_group=True))


@dataclass(frozen=True)
class Burst:
    """Messages per second, CPU in ms per message until settled, statements per message, PSS in MiB.

    `bytes` is the store's growth per message. Figures that do not apply to the bare client are
    None, as are those that a server, or SQLite, does not count.
    """

    received: float
    cpu_ms: float
    pss_mib: float
    stored: float | None = None
    worked: float | None = None
    statements: float | None = None
    bytes: float | None = None


@dataclass
class Store:
    """A bridge's store, seen from outside: how many messages it has, and has finished.

    `asked` returns the number of statements so far, `size` its bytes, `file` the path of a file
    store.
    """

    url: str
    counts: Callable[[], tuple[int, int]]
    asked: Callable[[], int] | None = None
    size: Callable[[], int] | None = None
    file: Path | None = None
    looks: int = field(default=0)

    def look(self) -> tuple[int, int]:
        self.looks += 1
        try:
            return self.counts()
        except (sqlite3.OperationalError, pymysql.ProgrammingError):
            # The bridge has not created its tables yet.
            return 0, 0

    def statements(self) -> int:
        """Those of the bridge alone."""
        return 0 if self.asked is None else self.asked() - self.looks


def sqlite_store(folder: Path) -> Store:
    file = folder / "state" / "bridge.db"
    connections: list[sqlite3.Connection] = []

    def asked_for(statement: str) -> tuple[int, ...]:
        if not connections:
            uri = f"file:{file}?mode=ro"
            connections.append(sqlite3.connect(uri, uri=True, check_same_thread=False))
        return tuple(connections[0].execute(statement).fetchone())

    def counts() -> tuple[int, int]:
        stored, done = asked_for(f"{_COUNTS} FROM webhook_messages")
        return stored, done

    return Store("", counts, size=lambda: asked_for(f"{_PAGES} FROM {_OF_PAGES}")[0], file=file)


def mariadb_store(server: MariaDB) -> Store:
    url = server.database()
    name = url.rpartition("/")[2]
    # A new connection for each look would take longer than a message.
    looking = server.connect()

    def asked_for(statement: str) -> Sequence[tuple[Any, ...]]:
        with looking.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def counts() -> tuple[int, int]:
        [(stored, done)] = asked_for(f"{_COUNTS} FROM {name}.webhook_messages")
        return int(stored), int(done)

    def asked() -> int:
        store.looks += 1
        return int(asked_for("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])

    store = Store(url, counts, asked)
    return store


async def measure_bursts(
    server: MariaDB | None, messages: int, shape: Shape, rounds: int
) -> dict[str, Burst]:
    """The medians by name."""
    taken: dict[str, list[Burst]] = {}
    for _ in range(rounds):
        taken.setdefault(BARE, []).append(await _bare(messages, shape))
        taken.setdefault("SQLite", []).append(await _bridge(None, messages, shape))
        if server is not None:
            taken.setdefault(server.name, []).append(await _bridge(server, messages, shape))
    return {name: _median(bursts) for name, bursts in taken.items()}


def _median(bursts: Sequence[Burst]) -> Burst:
    values = {one.name: [getattr(burst, one.name) for burst in bursts] for one in fields(Burst)}
    known = {name: found for name, found in values.items() if None not in found}
    return Burst(**{name: round(median(found), 2) for name, found in known.items()})


async def _bare(messages: int, shape: Shape) -> Burst:
    async with bare_client() as bare:
        said = Said(bare.whatsapp, shape)
        await said.before()
        sent = await said.sealed(messages)
        began = cpu_seconds(bare.pid)
        await released(bare.whatsapp, sent)
        return Burst(_rate(sent), _ms(cpu_seconds(bare.pid) - began, messages), pss_mib(bare.pid))


async def _bridge(server: MariaDB | None, messages: int, shape: Shape) -> Burst:
    async with bridge_on(server) as (whatsapp, bridge, store):
        said = Said(whatsapp, shape)
        before = await said.before()
        await until(store, are_done(before))
        sent = await said.sealed(messages)
        size = 0 if store.size is None else store.size()
        cpu, statements = cpu_seconds(bridge.pid), store.statements()
        releasing = asyncio.create_task(released(whatsapp, sent))
        stored_ns = await until(store, lambda stored, _: stored >= before + messages)
        worked_ns = await until(store, are_done(before + messages))
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
            bytes=(store.size() - size) / messages if store.size else None,
        )


@asynccontextmanager
async def bridge_on(
    server: MariaDB | None, module: str = "izer_bridge.simulator.launch", **settings: str
) -> AsyncIterator[tuple[Simulator, BridgeProcess, Store]]:
    """A linked bridge with its local analyser and built-in agents, started by `module`."""
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
            interpreter, _, _, *arguments = whatsapp.command("run")
            command = [interpreter, "-m", module, *arguments]
            async with BridgeProcess(command, environment) as bridge:
                await whatsapp.scan(await bridge.code())
                await bridge.line("state=connected")
                yield whatsapp, bridge, store


async def until(
    store: Store, is_so: Callable[[int, int], bool], every: float = _LOOK_SECONDS
) -> int:
    """When enough is stored and finished, on the monotonic clock. Raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        # The store belongs to another process, which notifies nobody.
        while not is_so(*await asyncio.to_thread(store.look)):  # noqa: ASYNC110
            await asyncio.sleep(every)
    return time.monotonic_ns()


def are_done(count: int) -> Callable[[int, int], bool]:
    return lambda _, done: done >= count


class Said:
    """The messages of a shape's people, each text once."""

    def __init__(self, whatsapp: Simulator, shape: Shape) -> None:
        self._whatsapp = whatsapp
        self._texts = different()
        self.people = [
            whatsapp.contact(f"+9055511{number:05d}", f"Müşteri {number}")
            for number in range(shape.people)
        ]
        self._group: Group | None = None
        if shape.is_group:
            self._group = whatsapp.group(_GROUP, self.people, [whatsapp.phone])

    async def before(self) -> int:
        """Each person's first message opens its session; every second person says more. How many
        there are.
        """
        sent = []
        for number, person in enumerate(self.people):
            for place in range(_LINES_BEFORE if number % 2 == 0 else 1):
                sent.append(await self._say(person))
                if place == 0:
                    await self._whatsapp.acknowledged(sent[-1])
        await self._whatsapp.acknowledged(*sent)
        return len(sent)

    async def sealed(self, count: int) -> list[Sent]:
        """This many, encrypted and held back until they are `released`."""
        self._whatsapp.server.mailbox.hold()
        people = self.people
        return [await self._say(people[number % len(people)]) for number in range(count)]

    async def _say(self, person: Person) -> Sent:
        words = content.text(next(self._texts))
        return await self._whatsapp.say(person, words, to=self._group)


async def released(whatsapp: Simulator, sent: Sequence[Sent]) -> None:
    await whatsapp.server.mailbox.release()
    await whatsapp.acknowledged(*sent, timeout_seconds=_PATIENCE_SECONDS)


def _rate(sent: Sequence[Sent]) -> float:
    last = max(one.delivery.acknowledged_ns for one in sent)
    return len(sent) / ((last - sent[0].delivery.delivered_ns) / 1e9)


def _ms(seconds: float, messages: int) -> float:
    return seconds * 1000 / messages
