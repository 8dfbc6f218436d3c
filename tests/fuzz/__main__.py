"""`make fuzz`: wrong input into conversion, webhook and answers: taken or refused, never a crash.

Most inputs are fed in process; every hundredth also over real HTTP and into a real store. Others go
through two bridges that run side by side, one on each store: no exit, no 5xx, nobody kept waiting.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from izer_bridge.host import logs
from tests.bench.machine import described
from tests.fuzz.run import Counts, CrashError, feed_all, serve_all
from tests.fuzz.served import feeds, sqlite_in
from tests.fuzz.targets import TARGETS
from tests.fuzz.town import Course, run_in_process
from tests.servers.mariadb import MariaDB

_CHUNK = 2_000
_PROCESSES = 2
_SERVED_OF = 100
_BRIDGE = "bridge"


def in_process(names: Sequence[str], seed: int, numbers: range) -> dict[str, Counts]:
    """Each target gets all the numbers. Raises CrashError."""
    counts = {name: Counts() for name in names}
    chunks = [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]
    spawn = multiprocessing.get_context("spawn")
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        ProcessPoolExecutor(_PROCESSES, mp_context=spawn) as pool,
    ):
        task = progress.add_task("Fuzzing", total=len(names) * len(numbers))
        running = {
            pool.submit(feed_all, name, seed, chunk): name for chunk in chunks for name in names
        }
        for done in as_completed(running):
            try:
                found = done.result()
            except CrashError:
                pool.shutdown(cancel_futures=True)
                raise
            counts[running[done]].add(found)
            progress.advance(task, found.inputs)
    return counts


async def over_http(names: Sequence[str], seed: int, numbers: range) -> dict[str, Counts]:
    """Into a running API, a store, an agent and a model. Raises CrashError."""
    with tempfile.TemporaryDirectory() as folder:
        async with feeds(sqlite_in(Path(folder))) as into:
            return {name: await serve_all(name, seed, numbers, into[name]) for name in names}


def through_bridges(seed: int, numbers: range) -> dict[str, Course]:
    """Into a running bridge on each store, both at once. Raises CrashError."""
    if not numbers:
        return {}
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2, mp_context=spawn) as pool:
        server = MariaDB(Path(folder))
        server.start()
        try:
            urls = {"SQLite": f"sqlite:///{folder}/fuzz.db", "MariaDB": server.database()}
            running = {
                name: pool.submit(run_in_process, Path(folder) / name, url, seed, numbers)
                for name, url in urls.items()
            }
            return {name: one.result() for name, one in running.items()}
        finally:
            server.stop()


def _print_courses(courses: dict[str, Course]) -> None:
    table = Table(title="through a running bridge")
    headings = ("sent", "rows", "customers", "exits", "5xx", "stalls", "longest wait", "seconds")
    for heading in ("store", *headings, "set aside"):
        table.add_column(heading, justify="left" if heading == "store" else "right")
    for name, one in courses.items():
        figures = (one.sent, one.rows, one.customers, one.exits, one.server_errors, one.stalls)
        wait = f"{one.slowest_seconds:.1f} s"
        aside = ", ".join(f"{count} {kind}" for kind, count in one.aside.items()) or "none"
        table.add_row(name, *map(str, figures), wait, f"{one.seconds:.0f}", aside)
    Console(width=None if sys.stdout.isatty() else 110).print(table)


def _print(bulk: dict[str, Counts], served: dict[str, Counts], seed: int, seconds: float) -> None:
    total = sum(one.inputs for one in bulk.values())
    table = Table(title=f"{described()}\nseed {seed}, {total} inputs in {seconds:.0f} s")
    for heading in ("target", "inputs", "taken", "refused", "also over HTTP or into a store"):
        table.add_column(heading, justify="left" if heading == "target" else "right")
    for name, one in bulk.items():
        figures = (one.inputs, one.taken, one.refused, served[name].inputs)
        table.add_row(name, *map(str, figures))
    Console(width=None if sys.stdout.isatty() else 110).print(table)


def main() -> None:
    names = [target.name for target in TARGETS]
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="inputs in all")
    parser.add_argument("--bridge", type=int, default=10_000, help="inputs for each bridge")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--target", choices=[*names, _BRIDGE], help="only this one")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    bridged = range(options.first, options.first + options.bridge)
    if options.target == _BRIDGE:
        names, bridged = [], range(options.first, options.first + options.count)
    elif options.target:
        names, bridged = [options.target], range(0)
    each = range(options.first, options.first + -(-options.count // max(len(names), 1)))
    logs.configure("error")
    started = time.monotonic()
    try:
        bulk = in_process(names, options.seed, each)
        served = asyncio.run(over_http(names, options.seed, each[::_SERVED_OF]))
        seconds = time.monotonic() - started
        courses = through_bridges(options.seed, bridged)
    except CrashError as crash:
        sys.stderr.write(f"crash: {crash}\n")
        sys.exit(1)
    if options.json:
        figures = {
            "machine": described(),
            "seed": options.seed,
            "seconds": round(seconds, 1),
            "in_process": {name: asdict(one) for name, one in bulk.items()},
            "over_http": {name: asdict(one) for name, one in served.items()},
            "through_bridges": {name: asdict(one) for name, one in courses.items()},
        }
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _print(bulk, served, options.seed, seconds)
        _print_courses(courses)


if __name__ == "__main__":
    main()
