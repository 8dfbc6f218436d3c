"""`make bench`: what a message costs, in ratios to the bare client and to what was replaced.

Real parts: the client library in the bridge's process, the simulator, servers on loopback, and a
MariaDB. What counts are ratios within one run: a noisy machine is noisy for all.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import figures as told
from tests.bench.alone import measure_alone
from tests.bench.boards import measure_boards
from tests.bench.burst import SHAPES, measure_bursts
from tests.bench.chain import measure_chain
from tests.bench.figures import Figure
from tests.bench.growth import measure_growth
from tests.bench.history import measure_history
from tests.bench.latency import measure_latency
from tests.bench.machine import described
from tests.bench.model import measure_model
from tests.bench.page import measure_page
from tests.bench.rates import measure_rates
from tests.bench.retention import measure_removal
from tests.bench.search import measure_search
from tests.bench.webhook import measure_webhook
from tests.bench.weight import measure_weight, measure_worn
from tests.servers import mysql
from tests.servers.mariadb import MariaDB

PARTS = (
    "bursts",
    "alone",
    "webhook",
    "model",
    "history",
    "growth",
    "boards",
    "latency",
    "rates",
    "weight",
    "worn",
    "removal",
    "chain",
    "page",
    "search",
)
_CLIENTS = 16
_ALONE = 40
_A_CHAT = 6
_OLD = 20_000
_ROWS = 1_000_000
_LARGE = 10_000_000
_OPEN = 10_000
_REMOVED = 10_000
_MANY = 100_000
_STARTS = 3


async def measured(server: MariaDB, options: argparse.Namespace) -> AsyncIterator[Iterable[Figure]]:
    """The requested parts, one by one."""
    messages, rounds = options.messages, options.rounds
    if "bursts" in options.parts:
        for shape in SHAPES:
            yield told.of_bursts(shape.name, await measure_bursts(server, messages, shape, rounds))
    if "alone" in options.parts:
        on_sqlite, on_server = (
            await measure_alone(None, _ALONE),
            await measure_alone(server, _ALONE),
        )
        yield told.of_alone({"SQLite": on_sqlite, server.name: on_server})
    if "webhook" in options.parts:
        found = await measure_webhook(server, messages, _CLIENTS, rounds)
        yield told.of_webhook(f"{_CLIENTS} clients, {server.name}", found)
    if "model" in options.parts:
        yield told.of_model(await measure_model(_A_CHAT))
    if "history" in options.parts:
        yield told.of_history(await measure_history(_OLD, rounds))
    if "latency" in options.parts:
        yield told.of_latency(await measure_latency(messages // 2))
    if "rates" in options.parts:
        yield told.of_rates(await measure_rates(messages, rounds))
    if "weight" in options.parts:
        yield told.of_weight(await measure_weight(_STARTS))
    if "worn" in options.parts:
        yield told.of_worn(await measure_worn(_MANY))
    if "removal" in options.parts:
        yield told.of_removal(await measure_removal(_REMOVED))
    if "chain" in options.parts:
        yield told.of_chain(await measure_chain(messages, rounds))
    if "search" in options.parts:
        yield told.of_search(await measure_search(server, options.rows))
    if "page" in options.parts:
        yield told.of_page(await measure_page(_OPEN, messages, rounds))
    if "growth" in options.parts:
        rows = _LARGE if options.large else options.rows
        yield told.of_growth(rows, await measure_growth(server, rows))
    if "boards" in options.parts:
        yield told.of_boards(_OPEN, await measure_boards(server, _OPEN, rounds))


async def _all(options: argparse.Namespace) -> list[Figure]:
    """Each part is printed once it is there; the whole takes long."""
    found: list[Figure] = []
    console = Console(stderr=options.json, width=None if sys.stdout.isatty() else 120)
    console.print(f"{described()}, at {told.commit()}")
    with tempfile.TemporaryDirectory() as folder:
        server = mysql.server(Path(folder))
        server.start()
        try:
            async for part in measured(server, options):
                new = list(part)
                found += new
                console.print(_table(new))
                if options.keep:
                    told.keep(found)
        finally:
            server.stop()
    return found


def _table(figures: list[Figure]) -> Table:
    table = Table(title=figures[0].about, title_justify="left")
    table.add_column("", width=44)
    for heading in ("measured", "asked", "reached"):
        table.add_column(heading, justify="right", width=12)
    for one in figures:
        table.add_row(one.what, one.shown, one.asked, one.verdict)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--messages", type=int, default=1000, help="in each burst")
    parser.add_argument("--rounds", type=int, default=5, help="of which the medians are taken")
    parser.add_argument(
        "--rows", type=int, default=_ROWS, help="growth, search: messages in the store"
    )
    parser.add_argument("--large", action="store_true", help="growth: 10,000,000 rows")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--keep", action="store_true", help="write docs/performance.*")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.parts = options.parts or PARTS
    found = asyncio.run(_all(options))
    if options.json:
        sys.stdout.write(told.as_json(found))
    sys.exit(0 if all(one.is_reached for one in found) else 1)


if __name__ == "__main__":
    main()
