"""Trials on a store that several nodes serve, and their figures."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.message import Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Work
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.servers.galera import Entrance, Galera
from tests.servers.mariadb import MariaDB
from tests.store.messages import ATTEMPT, RECORD
from tests.workers import bridge_ledger, conversation

_BATCH = 10
_RECORDERS = 4
_AT_ONCE = 8
_POLL_SECONDS = 0.02


@dataclass
class Claimed:
    """Which rows were claimed by whom, in order; a row listed twice was claimed twice."""

    rows: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def doubled(self) -> int:
        return len(self.rows) - len(set(self.rows))

    @property
    def rate(self) -> float:
        """Messages per second, from the claim until settled."""
        return len(self.rows) / self.seconds


async def claim_everywhere(urls: Sequence[str], owners: int, count: int) -> Claimed:
    """`owners`, each at the next of `urls`, work `count` recorded messages to their end."""
    ledgers = [
        bridge_ledger(urls[number % len(urls)], f"owner {number}") for number in range(owners)
    ]
    for ledger in ledgers:
        await ledger.join()
    claimed = Claimed()
    done: list[int] = []
    started = time.monotonic()
    await asyncio.gather(*(_work(ledger, claimed, done, count) for ledger in ledgers))
    claimed.seconds = time.monotonic() - started
    for ledger in ledgers:
        await ledger.close()
    return claimed


async def _work(ledger: SqlLedger, claimed: Claimed, done: list[int], count: int) -> None:
    while len(done) < count:
        found = await ledger.claim(_AT_ONCE)
        claimed.rows += [work.row_id for work in found]
        await asyncio.gather(*(_settled(ledger, work) for work in found))
        done += [work.row_id for work in found]
        if not found:
            await asyncio.sleep(_POLL_SECONDS)


async def _settled(ledger: SqlLedger, work: Work) -> None:
    await ledger.analysed(work, RECORD)
    await ledger.attempted(replace(work, state=State.ANALYSED), ATTEMPT, State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))


@dataclass
class Acknowledged:
    """The messages that the store acknowledged, and when."""

    expected: int
    messages: list[Message] = field(default_factory=list)
    times: list[float] = field(default_factory=lambda: [time.monotonic()])
    halfway: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, batch: Sequence[Message]) -> None:
        self.messages += batch
        self.times.append(time.monotonic())
        if len(self.messages) >= self.expected / 2:
            self.halfway.set()

    @property
    def stall_seconds(self) -> float:
        """The longest time in which the store accepted nothing."""
        return max(later - earlier for earlier, later in pairwise(self.times))

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.messages) / (self.times[-1] - self.times[0])


async def record(url: str, count: int, kill: MariaDB | None = None) -> Acknowledged:
    """Record `count` messages from several sides; `kill` dies when half of them are stored."""
    messages = conversation(count, _RECORDERS)
    ledger = bridge_ledger(url)
    await ledger.open()
    acknowledged = Acknowledged(count)
    parts = [messages[number::_RECORDERS] for number in range(_RECORDERS)]
    recording = [asyncio.create_task(_record(ledger, part, acknowledged)) for part in parts]
    if kill is not None:
        await acknowledged.halfway.wait()
        kill.kill()
    await asyncio.gather(*recording)
    await ledger.close()
    return acknowledged


async def _record(ledger: SqlLedger, part: Sequence[Message], acknowledged: Acknowledged) -> None:
    """One chat's messages, each batch again until it was accepted, as the bridge does."""
    for start in range(0, len(part), _BATCH):
        batch = part[start : start + _BATCH]
        is_taken = False
        while not is_taken:
            with suppress(TransientError):
                await ledger.record(batch)
                is_taken = True
        acknowledged.take(batch)


async def record_through_a_kill(cluster: Galera, count: int) -> tuple[Acknowledged, list[str]]:
    """The node that is written to is killed; the store's URLs at the remaining ones."""
    urls = cluster.database()
    async with Entrance(cluster.nodes) as entrance:
        through = entrance.url(urls[0].rpartition("/")[2])
        acknowledged = await record(through, count, kill=cluster.nodes[0])
    return acknowledged, urls[1:]


async def lost(acknowledged: Acknowledged, url: str) -> int:
    """How many acknowledged messages are not at `url` exactly once, in the order of their chat."""
    rows = [row.message_id for row in await Store(url).messages()]
    places = {message_id: place for place, message_id in enumerate(rows)}
    counts = Counter(rows)
    wrong = {one.message_id for one in acknowledged.messages if counts[one.message_id] != 1}
    for chat in {one.chat for one in acknowledged.messages}:
        ids = [one.message_id for one in acknowledged.messages if one.chat == chat]
        wrong |= {
            later
            for earlier, later in pairwise(ids)
            if places.get(earlier, -1) >= places.get(later, -1)
        }
    return len(wrong)
