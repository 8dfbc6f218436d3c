"""Long runs of one bridge: a hundred thousand messages that balance, a store away for minutes."""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import Sent
from izer_bridge.store.database import Database
from tests.chaos.arena import Arena, BrokenPromiseError
from tests.end_to_end.http import get
from tests.servers.mariadb import MariaDB

_MOST_ON_THE_WAY = 1_000
_PEOPLE = 200
_LOOK_SECONDS = 0.5
_DONE = "SELECT count(*) FROM webhook_messages WHERE state IN ('settled', 'skipped', 'dead')"

Done = Callable[[int], None]


@dataclass(frozen=True)
class Balance:
    """What `/stats` says after a run, and the bridge's memory (MiB) after each part of it."""

    messages: int
    stats: dict[str, Any]
    seconds: float
    memory: list[float]

    @property
    def slope(self) -> float:
        """MiB that a thousand messages add in the second half, by least squares."""
        half = self.memory[len(self.memory) // 2 :]
        step = self.messages / 1000 / (len(self.memory) - 1)
        return statistics.linear_regression([number * step for number in range(len(half))], half)[0]

    @property
    def rate(self) -> float:
        """Messages per second, from the first one sent to the last one settled."""
        return self.messages / self.seconds


@dataclass(frozen=True)
class Outage:
    """The result of a store outage while messages arrived; memory in MiB."""

    seconds: float
    messages: int
    memory_before: float
    memory_highest: float
    caught_up_seconds: float

    @property
    def growth(self) -> float:
        return self.memory_highest - self.memory_before


async def balance(shop: Arena, count: int, done: Done, parts: int = 10) -> Balance:
    """Send `count` messages as fast as they are taken; all are done after each of the `parts`.

    Raises BrokenPromiseError.
    """
    _invite(shop)
    bridge = await shop.started()
    await bridge.line("state=connected")
    before = len(shop.sent)
    started = time.monotonic()
    memory = [memory_of(bridge)]
    for part in range(1, parts + 1):
        until = before + count * part // parts
        while len(shop.sent) < until:
            await shop.burst(min(100, until - len(shop.sent)))
            await _taken(shop.sent[-2 * _MOST_ON_THE_WAY : -_MOST_ON_THE_WAY])
            done(len(shop.sent) - before)
        await _all_done(shop)
        memory.append(memory_of(bridge))
    seconds = time.monotonic() - started
    _, answer = await get(f"{await bridge.url()}/stats")
    await shop.check()
    return Balance(count, answer["stats"], seconds, memory)


async def outage(shop: Arena, server: MariaDB, seconds: float, rate: float, done: Done) -> Outage:
    """The store is away while `rate` messages per second arrive. Raises BrokenPromiseError."""
    _invite(shop)
    bridge = await shop.started()
    await shop.burst(_PEOPLE)
    await shop.live(bridge)
    memory = [memory_of(bridge)]
    count = len(shop.sent)
    server.kill()
    started = time.monotonic()
    try:
        while (passed := time.monotonic() - started) < seconds:
            await shop.burst(round(passed * rate) - (len(shop.sent) - count))
            memory.append(memory_of(bridge))
            done(round(passed))
            await asyncio.sleep(1 / rate)
        await _taken(shop.sent)
    finally:
        # Later tests use this server.
        server.start()
    back = time.monotonic()
    await _all_done(shop, lambda: memory.append(memory_of(bridge)))
    caught_up = time.monotonic() - back
    await shop.check()
    return Outage(seconds, len(shop.sent) - count, memory[0], max(memory), caught_up)


def memory_of(bridge: BridgeProcess) -> float:
    """MiB that the process has in memory (VmRSS)."""
    for line in Path(f"/proc/{bridge.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise BrokenPromiseError("the bridge ended by itself")


def is_balanced(stats: dict[str, Any]) -> bool:
    """`received = skipped + settled + pending + dead + uncertain`."""
    parts = ("skipped", "settled", "pending", "dead", "uncertain")
    return bool(stats["received"] == sum(stats[part] for part in parts))


def _invite(shop: Arena) -> None:
    shop.people += [
        shop.whatsapp.contact(f"+90555333{number:04d}", f"Yeni müşteri {number}")
        for number in range(_PEOPLE)
    ]


async def _taken(sent: Sequence[Sent]) -> None:
    """Until the bridge has acknowledged them."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for one in sent:
            await one.delivery.done.wait()


async def _all_done(shop: Arena, look: Callable[[], None] = lambda: None) -> None:
    """Until the store says so. Raises BrokenPromiseError if it makes no progress."""
    async with Database(shop.store_url) as database:
        last, moved_at = -1, time.monotonic()
        while last < len(shop.sent):
            look()
            found = await database.read(lambda one: one.scalar(text(_DONE)))
            if found != last:
                last, moved_at = int(found or 0), time.monotonic()
            elif time.monotonic() - moved_at > PATIENCE_SECONDS:
                raise BrokenPromiseError(f"{last} of {len(shop.sent)} messages are done")
            await asyncio.sleep(_LOOK_SECONDS)
