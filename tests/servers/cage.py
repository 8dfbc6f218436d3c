"""This test's own control group, if the machine allows one: the unit's MemoryMax."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MOUNT = Path("/sys/fs/cgroup")
_ENTER = 'echo $$ > "$0" && exec "$@"'


@dataclass(frozen=True)
class Cage:
    folder: Path

    @property
    def command(self) -> tuple[str, ...]:
        """Put it before another command, which then runs within."""
        return ("/bin/sh", "-c", _ENTER, str(self.folder / "cgroup.procs"))

    @property
    def killed(self) -> int:
        """How many processes the kernel has killed for lack of memory."""
        events = next(
            file
            for name in ("memory.events", "memory.oom_control")
            if (file := self.folder / name).exists()
        )
        told = dict(line.split() for line in events.read_text().splitlines())
        return int(told["oom_kill"])


@contextmanager
def caged(memory_bytes: int) -> Iterator[Cage | None]:
    """None if no such group can be created."""
    try:
        cage = _made(memory_bytes)
    except OSError:
        yield None
        return
    try:
        yield cage
    finally:
        cage.folder.rmdir()


def _made(memory_bytes: int) -> Cage:
    """Raises OSError."""
    old = _MOUNT / "memory"
    folder = (old if old.is_dir() else _MOUNT) / f"izer-bridge-test-{os.getpid()}"
    folder.mkdir()
    limit = "memory.limit_in_bytes" if old.is_dir() else "memory.max"
    try:
        # Not `write_text`: if the control is missing, that would create a file.
        descriptor = os.open(folder / limit, os.O_WRONLY)
        with os.fdopen(descriptor, "w") as file:
            file.write(str(memory_bytes))
    except OSError:
        folder.rmdir()
        raise
    return Cage(folder)
