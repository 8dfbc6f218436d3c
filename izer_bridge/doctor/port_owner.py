"""Finds the process of this machine that listens on a port, as far as this user may know."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENING = "0A"


def is_taken(port: int) -> bool:
    """Whether anything listens on it."""
    return any(_inodes(port))


def holder_of(port: int) -> str | None:
    """`name (pid)` of the listener; None for nobody, and for another user's process."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        if wanted & set(_opened_by(process)):
            with suppress(OSError):
                return f"{(process / 'comm').read_text('utf-8').strip()} ({process.name})"
    return None


def _opened_by(process: Path) -> Iterator[str]:
    """Another user's open files are not visible; neither are those just being closed."""
    with suppress(OSError):
        for one in (process / "fd").iterdir():
            with suppress(OSError):
                yield str(one.readlink())


def _inodes(port: int) -> Iterator[str]:
    for table in _TABLES:
        try:
            lines = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
