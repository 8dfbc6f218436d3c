"""`make profile`: who holds the interpreter while a burst is worked, sampled from outside.

What it prints are shares of the samples in which the bridge ran Python; sampling slows it down, so
that times are for `make bench`.
"""

import argparse
import asyncio
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.burst import Said, Shape, bridge_on, released, until
from tests.bench.machine import described
from tests.servers.mariadb import MariaDB

_SAMPLES_A_SECOND = 250
_LONGEST_SECONDS = 900
_SHOWN = 25
_OURS = "izer_bridge/"
# In every stack, because it belongs to the start.
_BELOW = ("simulator/launch", "__main__", "cli", "run_cli", "console/")
_LINE = re.compile(r":\d+(?=\)$)")


def _sampler(pid: int, into: Path) -> list[str]:
    program = str(Path(sys.executable).with_name("py-spy"))
    shape = ["--gil", "--rate", str(_SAMPLES_A_SECOND), "--format", "raw", "--output", str(into)]
    return [program, "record", *shape, "--duration", str(_LONGEST_SECONDS), "--pid", str(pid)]


async def sampled(server: MariaDB | None, messages: int, chats: int, into: Path) -> None:
    """A burst of `messages` from the wire until settled, with `into` as py-spy writes it."""
    async with bridge_on(server) as (whatsapp, bridge, store):
        said = Said(whatsapp, Shape(f"{chats} chats", chats))
        before = await said.before()
        await until(store, lambda _, done: done >= before)
        sent = await said.sealed(messages)
        quiet = asyncio.subprocess.DEVNULL
        sampler = await asyncio.create_subprocess_exec(
            *_sampler(bridge.pid, into), stdin=quiet, stdout=quiet, stderr=quiet
        )
        await released(whatsapp, sent)
        await until(store, lambda _, done: done >= before + messages)
        sampler.send_signal(signal.SIGINT)
        await sampler.wait()


def stacks(raw: str) -> Iterator[tuple[Sequence[str], int]]:
    """Each stack from its thread's start, and in how many samples it was seen."""
    for line in raw.splitlines():
        frames, _, count = line.rpartition(" ")
        # Line numbers would split one function into many.
        yield [_LINE.sub("", one) for one in frames.split(";")], int(count)


def shares(raw: str) -> tuple[Counter[str], Counter[str], int]:
    """Samples by our active room, and by function including what it called; the total."""
    rooms: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for frames, count in stacks(raw):
        ours = [one.partition("(")[2] for one in frames if _OURS in one]
        room = ours[-1].removeprefix(_OURS).partition("/")[0] if ours else "the rest"
        rooms[room] += count
        functions.update({one: count for one in frames if _is_told(one)})
    return rooms, functions, sum(rooms.values())


def _is_told(function: str) -> bool:
    place = function.partition(_OURS)[2]
    return bool(place) and not place.startswith(_BELOW)


def _print(raw: str, machine: str) -> None:
    rooms, functions, total = shares(raw)
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(machine)
    for name, counted in (("room", rooms), ("function, with what it calls", functions)):
        table = Table()
        table.add_column("share", justify="right")
        table.add_column(name)
        for what, count in counted.most_common(_SHOWN):
            table.add_row(f"{count / total:.1%}", what)
        console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make profile", description=__doc__)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--mariadb", action="store_true", help="default: SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "samples"
        server = MariaDB(Path(folder)) if options.mariadb else None
        if server is not None:
            server.start()
        try:
            asyncio.run(sampled(server, options.messages, options.chats, into))
        finally:
            if server is not None:
                server.stop()
        _print(into.read_text("utf-8"), described())


if __name__ == "__main__":
    main()
