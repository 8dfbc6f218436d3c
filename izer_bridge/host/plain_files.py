"""Opens files in a folder whose owner may have put anything under their names.

It follows no link, blocks on no pipe, reads no device, and refuses everything but a plain file.
"""

import os
import stat
from pathlib import Path

from izer_bridge.domain.errors import ConfigError

_JOURNALS = ("", "-wal", "-shm", "-journal")
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotPlainError(ConfigError):
    """Something other than a plain file has this name."""


def open_plain(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor; a file that it creates is 0600. Raises NotPlainError, and OSError as `os.open`
    does.
    """
    refuse_odd(path)
    # Whatever takes the name meanwhile: no link is followed, and no pipe is waited for.
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotPlainError(f"{path} is no plain file; remove it")
    return descriptor


def read_plain(path: Path, most_bytes: int) -> bytes:
    """The file's content. Raises NotPlainError, also for a larger file; OSError."""
    with open(open_plain(path), "rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise NotPlainError(f"{path} is larger than {most_bytes} bytes; remove it")
    return content


def is_plain(path: Path) -> bool:
    """False also if there is none, or it cannot be seen."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def refuse_odd(path: Path) -> None:
    """Raises NotPlainError if something other than a plain file has this name."""
    try:
        kind = stat.S_IFMT(path.lstat().st_mode)
    except OSError:
        return  # whoever opens it gets the reason
    if kind != stat.S_IFREG:
        what = _KINDS.get(kind, "no file")
        raise NotPlainError(f"{path} is {what}, and a plain file belongs there; remove it")


def refuse_odd_sqlite(path: Path) -> None:
    """As `refuse_odd`, also for the journals, which SQLite opens itself."""
    for suffix in _JOURNALS:
        refuse_odd(path.with_name(path.name + suffix))
