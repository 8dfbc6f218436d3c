"""`make soak`: 100,000 messages that must balance, and a store that is away for minutes."""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import Progress

from tests.bench.machine import described
from tests.chaos.arena import BrokenPromiseError, arena
from tests.servers.mariadb import MariaDB
from tests.soak import conversations
from tests.soak.trials import Balance, Outage, balance, is_balanced, outage

_MOST_GROWTH_MIB, _MOST_MIB = 50, 220


async def run(options: argparse.Namespace, server: MariaDB, folder: Path) -> tuple[Balance, Outage]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        url = "" if options.store == "sqlite" else server.database()
        (folder / "balance").mkdir()
        async with arena(folder / "balance", url, options.seed) as shop:
            task = progress.add_task("messages", total=options.count)
            balanced = await balance(
                shop, options.count, lambda done: progress.update(task, completed=done)
            )
        (folder / "outage").mkdir()
        async with arena(folder / "outage", server.database(), options.seed) as shop:
            seconds = options.minutes * 60
            waited = progress.add_task("seconds without a store", total=seconds)
            gone = await outage(
                shop,
                server,
                seconds,
                options.rate,
                lambda done: progress.update(waited, completed=done),
            )
    return balanced, gone


def _told(balanced: Balance, gone: Outage) -> str:
    stats, memory = balanced.stats, balanced.memory
    growth = f"{balanced.slope:+.2f} MiB a thousand messages in the second half"
    return (
        f"{described()}\n"
        f"{balanced.messages} messages in {balanced.seconds:.0f} s ({balanced.rate:.0f}/s): "
        f"received {stats['received']} = skipped {stats['skipped']} + settled {stats['settled']} "
        f"+ pending {stats['pending']} + dead {stats['dead']} + uncertain {stats['uncertain']}\n"
        f"memory (MiB) at each tenth: {', '.join(f'{one:.0f}' for one in memory)}; {growth}\n"
        f"store away for {gone.seconds:.0f} s under {gone.messages} messages: all stored, in "
        f"order, {gone.caught_up_seconds:.0f} s after it was back; memory grew from "
        f"{gone.memory_before:.0f} to {gone.memory_highest:.0f} MiB\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="messages that must balance")
    parser.add_argument("--store", choices=["sqlite", "mariadb"], default="sqlite")
    parser.add_argument("--minutes", type=float, default=10, help="how long the store is away")
    parser.add_argument("--rate", type=float, default=20, help="messages a second meanwhile")
    parser.add_argument(
        "--conversations",
        type=int,
        metavar="COUNT",
        help="instead: conversations in which a person steps in while the bridge answers",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    if options.conversations:
        _converse(options)
        return
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as opened:
        folder = Path(scratch)
        (folder / "mariadb").mkdir()
        server = MariaDB(folder / "mariadb")
        server.start()
        opened.callback(server.stop)
        try:
            balanced, gone = asyncio.run(run(options, server, folder))
        except BrokenPromiseError as error:
            sys.stderr.write(f"broken: {error}\n")
            sys.exit(1)
    if options.json:
        figures = {"balance": asdict(balanced), "outage": asdict(gone)}
        sys.stdout.write(json.dumps({"machine": described()} | figures, indent=2) + "\n")
    else:
        sys.stdout.write(_told(balanced, gone))
    has_grown = gone.growth > _MOST_GROWTH_MIB or max(balanced.memory) > _MOST_MIB
    sys.exit(1 if has_grown or not is_balanced(balanced.stats) else 0)


def _converse(options: argparse.Namespace) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with (
        tempfile.TemporaryDirectory() as scratch,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("conversations", total=options.conversations)
        try:
            found = asyncio.run(
                conversations.run(
                    Path(scratch),
                    options.seed,
                    options.conversations,
                    lambda done: progress.update(task, completed=done),
                )
            )
        except* BrokenPromiseError as group:
            sys.stderr.write(f"broken, seed {options.seed}: {group.exceptions[0]}\n")
            sys.exit(1)
    if options.json:
        sys.stdout.write(json.dumps({"machine": described()} | asdict(found), indent=2) + "\n")
        return
    became = ", ".join(f"{count} {state}" for state, count in found.replies.items())
    sys.stdout.write(
        f"{described()}\n{found.conversations} conversations: {found.questions} messages of "
        f"customers, {found.by_hand} by hand, {found.sent} replies sent ({became}); none after a "
        f"person, none while paused, none twice, no cap exceeded (seed {options.seed}, "
        f"{found.seconds} s)\n"
    )


if __name__ == "__main__":
    main()
