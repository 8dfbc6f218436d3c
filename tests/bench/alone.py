"""One message after another, each alone: from the wire until it is settled, and its statements."""

import asyncio
import time
from dataclasses import dataclass

from izer_bridge.simulator import content
from tests.bench.burst import Store, are_done, bridge_on, until
from tests.bench.texts import different
from tests.servers.mariadb import MariaDB

_LOOK_SECONDS = 0.002
_IDLE_SECONDS = 5


@dataclass(frozen=True)
class Alone:
    """Milliseconds until settled; statements per message beyond those of an idle bridge."""

    p50_ms: float
    p99_ms: float
    statements: float | None


async def measure_alone(server: MariaDB | None, messages: int) -> Alone:
    async with bridge_on(server) as (whatsapp, _, store):
        texts = different()
        person = whatsapp.contact("+905551100000", "Müşteri")
        # The first opens the session.
        await whatsapp.say(person, content.text(next(texts)))
        await until(store, are_done(1))
        idle_a_second = await _asked_idle(store)
        took, asked, began = [], store.statements(), time.monotonic()
        for number in range(messages):
            sent = await whatsapp.say(person, content.text(next(texts)))
            done_ns = await until(store, are_done(number + 2), _LOOK_SECONDS)
            took.append((done_ns - sent.delivery.delivered_ns) / 1e6)
        seconds = time.monotonic() - began
        statements = (store.statements() - asked - idle_a_second * seconds) / messages
    took.sort()
    p50, p99 = (round(took[int(len(took) * part)], 1) for part in (0.5, 0.99))
    return Alone(p50, p99, None if store.asked is None else round(statements, 1))


async def _asked_idle(store: Store) -> float:
    before = store.statements()
    await asyncio.sleep(_IDLE_SECONDS)
    return (store.statements() - before) / _IDLE_SECONDS
