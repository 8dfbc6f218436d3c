"""`make chaos`: kill the bridge at every boundary and at random moments, and count what is lost.

The real client, the real daemon and real SIGKILLs; the seed that is printed replays a run. Ctrl-C
or SIGTERM ends it after the round under way, with what it came to.
"""

import argparse
import asyncio
import itertools
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.bench.machine import described
from tests.chaos import replying, writing
from tests.chaos.arena import Arena, BrokenPromiseError, arena
from tests.chaos.boundaries import BOUNDARIES
from tests.servers.mariadb import MariaDB
from tests.servers.nursery import forked_bridges

_BURSTS = (20, 40, 80, 150, 400)
_KILLED_AGAIN = 0.25
_MOST_IN_ONE_ARENA = 50


@dataclass
class Result:
    """The result of a run; `reached` counts the boundaries at which the bridge really died."""

    store: str
    seed: int
    kills: int = 0
    boundaries: int = 0
    reached: int = 0
    messages: int = 0
    redelivered: int = 0
    undone: int = 0
    missing: int = 0
    seconds: float = 0.0


async def run(store: str, seed: int, kills: int, *, all_boundaries: bool) -> Result:
    """Raises BrokenPromiseError as soon as something is lost, doubled or out of order."""
    result = Result(store, seed)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        server = None
        if store == "mariadb":
            (folder / "mariadb").mkdir()
            server = MariaDB(folder / "mariadb")
            server.start()
        try:
            await _run_in(folder, server.database if server else str, result, kills, all_boundaries)
        finally:
            if server:
                server.stop()
    result.seconds = round(time.monotonic() - started, 1)
    return result


async def _run_in(
    folder: Path, new_url: Callable[[], str], result: Result, kills: int, all_boundaries: bool
) -> None:
    left = list(BOUNDARIES) if all_boundaries else []
    stopped = asyncio.Event()
    for one_signal in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one_signal, stopped.set)

    def is_over() -> bool:
        return stopped.is_set() or (not left and result.kills >= kills)

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{result.store}, seed {result.seed}", total=len(left) + kills)
        for number in itertools.count():
            place = folder / f"arena-{number}"
            place.mkdir()
            async with arena(place, new_url(), result.seed + number, in_one_go=True) as one:
                for _ in range(_MOST_IN_ONE_ARENA):
                    if is_over():
                        break
                    await _round(one, left.pop(0) if left else None, result)
                    progress.update(task, completed=result.boundaries + result.kills)
                result.messages += len(one.sent)
                result.redelivered += one.redelivered
                result.undone += one.undone
            if is_over():
                return


async def _round(one: Arena, boundary: str | None, result: Result) -> None:
    if boundary is None:
        await one.killed_in_a_burst(one.random.choice(_BURSTS))
        result.kills += 1
        while one.random.random() < _KILLED_AGAIN:
            await one.killed_again()
            result.kills += 1
    else:
        count = one.random.randint(1, 12)
        result.boundaries += 1
        # Some places are passed only now and then, and some only at the start.
        result.reached += await one.died_at(boundary, count, messages=15) or await one.died_at(
            boundary, 1, messages=15
        )
    await one.revived()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="at random moments, at least")
    parser.add_argument("--store", choices=["sqlite", "mariadb", "both"], default="both")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--no-boundaries", action="store_true", help="random moments only")
    parser.add_argument(
        "--replies", action="store_true", help="while customers are answered, and nothing else"
    )
    parser.add_argument(
        "--writing", action="store_true", help="while people write and send files, on SQLite"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    stores = ["sqlite", "mariadb"] if options.store == "both" else [options.store]
    if options.replies or options.writing:
        (_answer if options.replies else _write)(options)
        return
    results = []
    try:
        for store in stores:
            kills = options.kills // len(stores)
            results.append(
                asyncio.run(
                    run(store, options.seed, kills, all_boundaries=not options.no_boundaries)
                )
            )
    except BrokenPromiseError as error:
        sys.stderr.write(f"broken, seed {options.seed}: {error}\n")
        sys.exit(1)
    if options.json:
        figures = {"machine": described(), "results": [asdict(one) for one in results]}
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    sys.stdout.write(f"{described()}\n")
    for one in results:
        sys.stdout.write(
            f"{one.store}: {one.kills} kills at random moments and {one.reached} at "
            f"{one.boundaries} boundaries, {one.messages} messages, {one.redelivered} delivered "
            f"again, {one.undone} undone, {one.missing} missing (seed {one.seed}, "
            f"{one.seconds} s)\n"
        )


def _answer(options: argparse.Namespace) -> None:
    """`--replies`: on SQLite, unless MariaDB is asked for."""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as opened:
        folder = Path(scratch)
        new_url: Callable[[], str] = str
        if options.store == "mariadb":
            (folder / "mariadb").mkdir()
            server = MariaDB(folder / "mariadb")
            server.start()
            opened.callback(server.stop)
            new_url = server.database
        progress = opened.enter_context(Progress(console=Console(stderr=True), transient=True))
        task = progress.add_task(f"replies, seed {options.seed}", total=options.kills)
        try:
            found = asyncio.run(
                replying.run(
                    new_url,
                    folder,
                    options.seed,
                    options.kills,
                    lambda done: progress.update(task, completed=done),
                )
            )
        except BrokenPromiseError as error:
            sys.stderr.write(f"broken, seed {options.seed}: {error}\n")
            sys.exit(1)
    if options.json:
        sys.stdout.write(json.dumps({"machine": described()} | asdict(found), indent=2) + "\n")
        return
    became = ", ".join(f"{count} {state}" for state, count in found.replies.items())
    sys.stdout.write(
        f"{described()}\nreplies: {found.kills} kills at {found.places} places, "
        f"{found.questions} questions, {found.received} replies received: {became}; answered "
        f"twice {found.answered_twice}, in another chat {found.to_another_chat} "
        f"(seed {found.seed}, {found.seconds} s)\n"
    )


def _write(options: argparse.Namespace) -> None:
    """`--writing`: people's and programs' messages and files."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task(f"writing, seed {options.seed}", total=options.kills)
        try:
            one = asyncio.run(
                writing.run(
                    Path(scratch),
                    options.seed,
                    options.kills,
                    lambda done: progress.update(task, completed=done),
                )
            )
        except BrokenPromiseError as error:
            sys.stderr.write(f"broken, seed {options.seed}: {error}\n")
            sys.exit(1)
    files = sum(wanted.has_file for wanted in one.wanted)
    became = ", ".join(f"{count} {state}" for state, count in sorted(one.outcomes.items()))
    sys.stdout.write(
        f"{described()}\nwriting: {one.kills} kills, {len(one.wanted)} messages, {files} with a "
        f"file: {became}; none received twice, none lost (seed {options.seed})\n"
    )


if __name__ == "__main__":
    with forked_bridges():
        main()
