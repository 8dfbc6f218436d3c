"""The hash chain's share of a burst's processor time, of a single message, and of the store."""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.bench.burst import SHAPES, Said, Store, are_done, bridge_on, released, until
from tests.bench.chained_bridge import NOTES
from tests.bench.processes import cpu_seconds
from tests.bench.texts import different

_LOOK_SECONDS = 0.002
_ALONE = 40
_BYTES = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?"
_OF_CHAIN = "%message_chain%"


@dataclass(frozen=True)
class Chained:
    """Shares of a message's cost on SQLite, 0–1."""

    of_burst: float
    of_alone: float
    of_bytes: float


@dataclass
class _Notes:
    """The bridge's records of extensions of its chain."""

    file: Path

    def since(self, began_ns: int) -> Iterator[tuple[int, int]]:
        """Nanoseconds of wall and thread time of each extension that began later."""
        for line in self.file.read_text().splitlines():
            at, took, worked = json.loads(line)
            if at >= began_ns:
                yield took, worked


async def measure_chain(messages: int, rounds: int) -> Chained:
    """The medians; a busy machine slows an extension and everything else alike."""
    found = [await _once(messages) for _ in range(rounds)]
    burst, alone, size = (median(column) for column in zip(*found, strict=True))
    return Chained(burst, alone, size)


async def _once(messages: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as scratch:
        notes = _Notes(Path(scratch) / "notes")
        noting = {NOTES: str(notes.file)}
        async with bridge_on(None, "tests.bench.chained_bridge", **noting) as (
            whatsapp,
            bridge,
            store,
        ):
            of_burst = await _of_burst(whatsapp, bridge, store, notes, messages)
            of_alone = await _of_alone(whatsapp, store, notes)
            return of_burst, of_alone, _of_bytes(store)


async def _of_burst(
    whatsapp: Simulator, bridge: BridgeProcess, store: Store, notes: _Notes, messages: int
) -> float:
    said = Said(whatsapp, SHAPES[0])
    before = await said.before()
    await until(store, are_done(before))
    sent = await said.sealed(messages)
    began_ns, cpu = time.monotonic_ns(), cpu_seconds(bridge.pid)
    await released(whatsapp, sent)
    await until(store, are_done(before + messages))
    cpu = cpu_seconds(bridge.pid) - cpu
    return sum(worked for _, worked in notes.since(began_ns)) / 1e9 / cpu


async def _of_alone(whatsapp: Simulator, store: Store, notes: _Notes) -> float:
    """Of the time from the wire until it is settled."""
    person, texts = whatsapp.contact("+905551200000", "Müşteri"), different()
    # The first opens the session.
    await whatsapp.say(person, content.text(next(texts)))
    _, done = store.look()
    await until(store, are_done(done + 1))
    began_ns, took = time.monotonic_ns(), 0
    for number in range(_ALONE):
        sent = await whatsapp.say(person, content.text(next(texts)))
        done_ns = await until(store, are_done(done + number + 2), _LOOK_SECONDS)
        took += done_ns - sent.delivery.delivered_ns
    return sum(by_clock for by_clock, _ in notes.since(began_ns)) / took


def _of_bytes(store: Store) -> float:
    assert store.file is not None
    with closing(sqlite3.connect(f"file:{store.file}?mode=ro", uri=True)) as connection:
        of_chain, of_all = (
            connection.execute(_BYTES, [name]).fetchone()[0] for name in (_OF_CHAIN, "%")
        )
        return float(of_chain / of_all)
