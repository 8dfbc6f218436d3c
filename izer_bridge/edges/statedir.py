"""The state directory: private to its user, and used by one bridge at a time."""

import fcntl
import os
import time
from pathlib import Path
from typing import TextIO

from izer_bridge.model.errors import ConfigError

# A look at the lock by `status` or `link` holds it for a moment, too.
_TRIES, _PAUSE_SECONDS = 10, 0.02


def prepare(path: Path) -> TextIO:
    """Create the directory (0700) and take its lock, held while the returned file is open.

    Raises ConfigError when the directory cannot be used or another bridge holds it.
    """
    os.umask(0o077)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / "lock").open("a+")
    except OSError as error:
        raise ConfigError(f"state_dir = {path}: {error.strerror}; it must be writable") from None
    if not _is_locked(lock):
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        raise ConfigError(
            f"state_dir = {path}: another bridge uses it (pid {holder}); "
            "stop that one, or give this one a state_dir of its own"
        )
    give(Path(lock.name), like=path)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _is_locked(lock: TextIO) -> bool:
    for _ in range(_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


def holder(path: Path) -> int | None:
    """The process id of the bridge that runs on this directory, None where none does.

    Raises ConfigError when that cannot be seen.
    """
    try:
        with (path / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read().strip() or 0)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"state_dir = {path}: cannot see whether a bridge runs: {error}"
        ) from None
    return None


def give(path: Path, *, like: Path) -> None:
    """What root makes in the bridge's directory belongs to the bridge. Raises OSError."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
