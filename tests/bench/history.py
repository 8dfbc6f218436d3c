"""A phone's history in one chunk: how long the bare client takes to receive it, and the bridge."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
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


@dataclass(frozen=True)
class History:
    """Seconds until a chunk of this many messages is passed on by the client, and stored by us."""

    bare_seconds: float
    stored_seconds: float
    messages: int


async def measure_history(messages: int, rounds: int) -> History:
    bare, stored = [], []
    for _ in range(rounds):
        bare.append(await _bare(messages))
        stored.append(await _stored(messages))
    return History(round(median(bare), 2), round(median(stored), 2), messages)


async def _bare(messages: int) -> float:
    async with bare_client() as bare:
        began = await _sent(bare.whatsapp, messages)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await bare.has_history.wait()
        return time.monotonic() - began


async def _stored(messages: int) -> float:
    async with bridge_on(None) as (whatsapp, _, store):
        began = await _sent(whatsapp, messages)
        done_ns = await until(store, lambda stored, _: stored >= messages)
        return done_ns / 1e9 - began


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
