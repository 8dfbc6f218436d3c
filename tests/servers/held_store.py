"""Another program that has an embedded store locked."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOLD = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute(sys.argv[2])
store.execute(sys.argv[3])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(store: Path, mode: str, begin: str) -> Iterator[None]:
    """Locked in `mode`, with what `begin` says, by a process of its own."""
    command = [sys.executable, "-c", _HOLD, str(store), f"PRAGMA locking_mode = {mode}", begin]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.communicate(b"")
