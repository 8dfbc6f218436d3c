"""Names the irreversible steps of a process, and kills the process at one of them.

A step is anything that changes a name on the disk, commits a transaction, has a server change its
tables, or lets another program work: `rename inbox.db:before`. The steps wrap Python's own
functions in a fork, so that none can be forgotten here. A fork needs a process without threads.
"""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from izer_bridge.store.transactions import InGreenlets, InThreads

_NAMES = ("rename", "replace", "unlink", "link", "mkdir", "rmdir", "fsync")
# A server that is asked for one of these has committed everything before it, and this.
_DEFINITIONS = ("CREATE", "ALTER", "DROP")
_LONGEST = 60


def in_fork(work: Callable[[], Any], folder: Path) -> int:
    """Its exit code; minus nine if it was killed. Its output is in `said`."""
    with (folder / "said").open("wb") as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 99
            try:
                code = int(work() or 0)
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _watched(reached: Callable[[str], None]) -> None:
    """Call `reached` on each side of each step in this process, for good."""
    for name in _NAMES:
        setattr(os, name, _around(getattr(os, name), name, reached))
    subprocess.run = _around(subprocess.run, "program", reached)
    for side in ("before", "after"):
        event.listen(Engine, f"{side}_cursor_execute", _at_definitions(side, reached))
    for transactions in (InThreads, InGreenlets):
        _at_transactions(transactions, reached)


def _at_transactions(
    transactions: type[InThreads | InGreenlets], reached: Callable[[str], None]
) -> None:
    run: Any = transactions.run

    async def around(self: Any, changes: Any) -> Any:
        reached("transaction:before")
        result = await run(self, changes)
        reached("transaction:after")
        return result

    transactions.run = around  # type: ignore[method-assign]


def _around(function: Any, name: str, reached: Callable[[str], None]) -> Any:
    def around(*values: Any, **named: Any) -> Any:
        [first, *_] = values[0] if isinstance(values[0], list) else [values[0]]
        where = "" if isinstance(first, int) else f" {Path(os.fsdecode(first)).name}"
        reached(f"{name}{where}:before")
        result = function(*values, **named)
        reached(f"{name}{where}:after")
        return result

    return around


def _at_definitions(side: str, reached: Callable[[str], None]) -> Callable[..., None]:
    def at(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        text = " ".join(statement.split())
        if connection.dialect.name != "sqlite" and text.startswith(_DEFINITIONS):
            reached(f"{text[:_LONGEST]}:{side}")

    return at


def steps_of(work: Callable[[], Any], folder: Path) -> list[str]:
    trace = folder / "trace"

    def traced() -> Any:
        with trace.open("w") as file:
            _watched(lambda name: print(name, file=file, flush=True))
            return work()

    if code := in_fork(traced, folder):
        raise AssertionError(f"unharmed it ends with {code}: {(folder / 'said').read_text()}")
    return trace.read_text().splitlines()


def killed_at(number: int, work: Callable[[], Any], folder: Path) -> None:
    left = [number + 1]

    def reached(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def mortal() -> Any:
        _watched(reached)
        return work()

    if (code := in_fork(mortal, folder)) != -signal.SIGKILL:
        raise AssertionError(f"it was not killed, and ended with {code}")
