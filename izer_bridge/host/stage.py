"""Folders for copies in progress: private, in the state directory, and swept after a kill."""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIXES = (".backup-", ".restore-", ".restoring-")


@contextmanager
def stage(state_dir: Path, purpose: str) -> Iterator[Path]:
    """An empty folder (0700) that is removed afterwards, unless it was renamed.

    It is locked meanwhile: another process's `sweep` leaves it alone. Raises OSError.
    """
    folder = Path(tempfile.mkdtemp(prefix=f".{purpose}-", dir=state_dir))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep(state_dir: Path) -> list[str]:
    """Remove what killed commands have left; returns its names. Raises OSError."""
    found = sorted(one.name for one in state_dir.iterdir() if one.name.startswith(_PREFIXES))
    return [name for name in found if _is_removed(state_dir / name)]


def _is_removed(path: Path) -> bool:
    if not stat.S_ISDIR(path.lstat().st_mode):
        path.unlink()
        return True
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
