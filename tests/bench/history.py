"""A phone's history in one chunk: how long the bare client takes to receive it, and the bridge."""

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from izer_bridge.simulator import content
from izer_bridge.simulator.history import Chat, Chunk, OldMessage
from izer_bridge.simulator.people import now
from izer_bridge.simulator.simulator import Simulator
from tests.bench.burst import bridge_on, until
from tests.bench.rates import bare_client
from tests.bench.texts import different

_CHATS = 100
_PATIENCE_SECONDS = 300
_ROWS_OF = {
    "SELECT * FROM webhook_messages": "INSERT INTO webhook_messages VALUES",
    "SELECT * FROM message_chain": "INSERT INTO message_chain VALUES",
}
_THEIR_TABLES = (
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
    " AND tbl_name IN ('webhook_messages', 'message_chain')"
)
_A_TRANSACTION = 1_000


@dataclass(frozen=True)
class History:
    """Seconds until a chunk of this many messages is passed on by the client, and stored by us.

    `rows_seconds` is what SQLite alone takes for the rows that come of it: no program stores them
    sooner than both together.
    """

    bare_seconds: float
    rows_seconds: float
    stored_seconds: float
    messages: int


async def measure_history(messages: int, rounds: int) -> History:
    bare, rows, stored = [], [], []
    for _ in range(rounds):
        bare.append(await _bare(messages))
        ours, alone = await _stored(messages)
        stored.append(ours)
        rows.append(alone)
    in_client, in_sqlite, in_bridge = (round(median(one), 2) for one in (bare, rows, stored))
    return History(in_client, in_sqlite, in_bridge, messages)


async def _bare(messages: int) -> float:
    async with bare_client() as bare:
        began = await _sent(bare.whatsapp, messages)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await bare.has_history.wait()
        return time.monotonic() - began


async def _stored(messages: int) -> tuple[float, float]:
    """By the bridge, and then the same rows by SQLite alone."""
    async with bridge_on(None) as (whatsapp, bridge, store):
        began = await _sent(whatsapp, messages)
        done_ns = await until(store, lambda stored, _: stored >= messages)
        await bridge.stop()
        assert store.file is not None
        return done_ns / 1e9 - began, await asyncio.to_thread(_rows_alone, store.file)


def _rows_alone(file: Path) -> float:
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(file)) as stored:
        made = stored.execute(_THEIR_TABLES).fetchall()
        rows = {put: stored.execute(asked).fetchall() for asked, put in _ROWS_OF.items()}
        empty = Path(folder) / "rows.db"
        with closing(sqlite3.connect(empty, isolation_level=None)) as store:
            for [statement] in [("PRAGMA journal_mode = WAL",), *made]:
                store.execute(statement)
            return _inserted(store, rows)


def _inserted(store: sqlite3.Connection, rows: dict[str, list[tuple[object, ...]]]) -> float:
    """As many in a transaction as the bridge inserts."""
    began = time.monotonic()
    for start in range(0, max(map(len, rows.values())), _A_TRANSACTION):
        store.execute("BEGIN IMMEDIATE")
        for put, all_of_them in rows.items():
            some = all_of_them[start : start + _A_TRANSACTION]
            store.executemany(f"{put} ({', '.join('?' * len(some[0]))})", some)
        store.execute("COMMIT")
    return time.monotonic() - began


async def _sent(whatsapp: Simulator, messages: int) -> float:
    """When the phone has uploaded the chunk and announced it, on the monotonic clock."""
    texts, latest = different(), now() - timedelta(days=1)
    people = [
        whatsapp.contact(f"+9055533{number:05d}", f"Müşteri {number}") for number in range(_CHATS)
    ]
    chats: dict[Chat, list[OldMessage]] = {
        person: [
            OldMessage(
                content.text(next(texts)),
                latest - timedelta(minutes=place),
                person if place % 2 else None,
            )
            for place in range(messages // _CHATS)
        ]
        for person in people
    }
    await whatsapp.send_history(chats, Chunk.RECENT)
    return time.monotonic()
