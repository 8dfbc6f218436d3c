"""`make galera`'s figures: one MariaDB beside three Galera nodes, and what a killed node costs.

All servers run on this machine and share its processor and disk, so a real cluster's network is
missing, and its nodes' own processors too. The servers do not sync at commit.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.machine import described
from tests.galera.trials import claim_everywhere, lost, record, record_through_a_kill
from tests.servers.galera import Galera
from tests.servers.mariadb import MariaDB
from tests.workers import conversation, recorded

_OWNERS = (1, 3, 9)


@dataclass(frozen=True)
class Rates:
    """Messages per second, medians; `worked` and `conflicts` by the number of owners.

    A conflict is a transaction that had to run again because another node's came first.
    """

    recorded: int
    worked: dict[int, int]
    conflicts: dict[int, int]
    doubled: int


@dataclass(frozen=True)
class Kill:
    """The result of killing the node that is written to; `stall_seconds` is the longest."""

    kills: int
    acknowledged: int
    lost: int
    stall_seconds: float


async def measure_one(folder: Path, count: int, rounds: int) -> Rates:
    server = MariaDB(folder)
    server.start()
    try:
        return await _rates([[server.database()] for _ in range(rounds * 4)], None, count)
    finally:
        server.stop()


async def measure_three(folder: Path, count: int, rounds: int, kills: int) -> tuple[Rates, Kill]:
    cluster = Galera(folder)
    try:
        cluster.start()
        stores = [cluster.database() for _ in range(rounds * 4)]
        return await _rates(stores, cluster, count), await _kill(cluster, 10 * count, kills)
    finally:
        cluster.stop()


async def _rates(stores: list[list[str]], cluster: Galera | None, count: int) -> Rates:
    """A quarter of `stores` is for recording, a quarter for each number of owners."""
    rounds = len(stores) // 4
    taken = [await record(stores.pop()[0], 10 * count) for _ in range(rounds)]
    worked, conflicts, doubled = {}, {}, 0
    for owners in _OWNERS:
        before = cluster.conflicts() if cluster else 0
        claims = [await _claims(stores.pop(), cluster, owners, count) for _ in range(rounds)]
        worked[owners] = round(statistics.median(rate for rate, _ in claims))
        conflicts[owners] = (cluster.conflicts() if cluster else 0) - before
        doubled += sum(twice for _, twice in claims)
    return Rates(round(statistics.median(one.rate for one in taken)), worked, conflicts, doubled)


async def _claims(
    urls: Sequence[str], cluster: Galera | None, owners: int, count: int
) -> tuple[float, int]:
    await recorded(urls[0], conversation(count, count))
    if cluster is not None:
        cluster.catch_up()
    claimed = await claim_everywhere(urls, owners, count)
    return claimed.rate, claimed.doubled


async def _kill(cluster: Galera, count: int, kills: int) -> Kill:
    messages, missing, stalls = 0, 0, []
    for _ in range(kills):
        acknowledged, urls = await record_through_a_kill(cluster, count)
        messages += len(acknowledged.messages)
        missing += max([await lost(acknowledged, url) for url in urls])
        stalls.append(acknowledged.stall_seconds)
        cluster.revive()
    return Kill(kills, messages, missing, round(max(stalls), 2))


def _print(one: Rates, three: Rates, kill: Kill, machine: str, rounds: int, count: int) -> None:
    table = Table(title=machine)
    for heading in ("messages a second", "one MariaDB", "three Galera nodes", "conflicts"):
        table.add_column(heading, justify="left" if heading.startswith("mess") else "right")
    table.add_row("recorded", str(one.recorded), str(three.recorded), "")
    for owners in _OWNERS:
        figures = (one.worked[owners], three.worked[owners], three.conflicts[owners])
        table.add_row(f"claimed and worked by {owners}", *map(str, figures))
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    console.print(
        f"Each rate is the median of {rounds} rounds, conflicts are their sum; a round is "
        f"{10 * count} messages recorded, or {count} worked. Claimed twice: "
        f"{one.doubled + three.doubled}."
    )
    console.print(
        f"The node that is written to was killed {kill.kills} times: {kill.acknowledged} messages "
        f"acknowledged, {kill.lost} lost, longest stall {kill.stall_seconds} s."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make galera", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="messages that are worked a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    # Not below a folder that is private to root: see Galera.
    with tempfile.TemporaryDirectory() as alone, tempfile.TemporaryDirectory() as together:
        one = asyncio.run(measure_one(Path(alone), options.count, options.rounds))
        three, kill = asyncio.run(
            measure_three(Path(together), options.count, options.rounds, options.kills)
        )
    machine = described()
    if options.json:
        figures = {"one": asdict(one), "three": asdict(three), "kill": asdict(kill)}
        sys.stdout.write(json.dumps({"machine": machine} | figures, indent=2) + "\n")
    else:
        _print(one, three, kill, machine, options.rounds, options.count)
    sys.exit(1 if one.doubled or three.doubled or kill.lost else 0)


if __name__ == "__main__":
    main()
