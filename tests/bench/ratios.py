"""The figures that count as ratios within one run, as lines for people and as JSON."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.alone import Alone, measure_alone
from tests.bench.burst import BARE, Burst, measure_bursts
from tests.bench.webhook import Answers, measure_webhook
from tests.servers.mariadb import MariaDB

_CHATS = (20, 1)
_CLIENTS = 16
_ALONE = 40


@dataclass(frozen=True)
class Ratios:
    """Bursts by the number of chats, and each by who took it."""

    bursts: dict[int, dict[str, Burst]]
    alone: dict[str, Alone]
    webhook: dict[str, Answers]
    messages: int
    rounds: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterator[str]:
        for chats, bursts in self.bursts.items():
            bare = bursts[BARE]
            for name, one in bursts.items():
                if one.stored is None or one.worked is None:
                    continue
                yield (
                    f"{name}, {chats} chats, of the bare client: received "
                    f"{one.received / bare.received:.0%}, stored {one.stored / bare.received:.0%}, "
                    f"worked {one.worked / bare.received:.1%} ({one.worked:.0f}/s), CPU "
                    f"{one.cpu_ms / bare.cpu_ms:.0f} × ({one.cpu_ms:.1f} ms), PSS "
                    f"{one.pss_mib - bare.pss_mib:+.0f} MiB"
                    + (f", {one.statements:.0f} statements a message" if one.statements else "")
                )
        for name, alone in self.alone.items():
            yield (
                f"{name}, one message alone: {alone.p50_ms} ms p50, {alone.p99_ms} ms p99"
                + (f", {alone.statements} statements" if alone.statements else "")
            )
        if self.webhook:
            old, new = self.webhook["replaced shape"], self.webhook["bridge"]
            yield (
                f"/webhook, {_CLIENTS} clients, MariaDB, of the replaced shape: "
                f"{new.a_second / old.a_second:.2f} × ({new.a_second}/s), p99 "
                f"{new.p99_ms / old.p99_ms:.2f} × ({new.p99_ms} ms)"
            )


async def measure_ratios(messages: int, rounds: int) -> Ratios:
    with tempfile.TemporaryDirectory() as folder:
        server = MariaDB(Path(folder))
        server.start()
        try:
            return Ratios(
                {n: await measure_bursts(server, messages, n, rounds) for n in _CHATS},
                {
                    "SQLite": await measure_alone(None, _ALONE),
                    "MariaDB": await measure_alone(server, _ALONE),
                },
                await measure_webhook(server, messages, _CLIENTS, rounds),
                messages,
                rounds,
            )
        finally:
            server.stop()
