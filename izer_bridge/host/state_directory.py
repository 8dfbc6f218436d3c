"""The state directory: private to its user, and used by one bridge at a time."""

import fcntl
import os
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.plain_files import open_plain

_LOCK = "lock"
# Written when a restore begins to change the directory, removed when it has ended.
RESTORE_MARK = "restore.json"
_LONGEST_PID = 10
# `status` and `link` hold the lock for a moment too when they look at it.
_TRIES, _PAUSE_SECONDS = 10, 0.02


def prepare(path: Path, *, is_restore: bool = False) -> TextIO:
    """Create the directory (0700) and take its lock, held while the returned file is open.

    Raises ConfigError if the directory cannot be used, another bridge holds it, or a restore of it
    has begun and not ended.
    """
    os.umask(0o077)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.fdopen(open_plain(path / _LOCK, os.O_RDWR | os.O_CREAT), "r+")
    except OSError as error:
        raise ConfigError(f"state_dir = {path}: {error.strerror}; it must be writable") from None
    if not _is_locked(lock):
        holder = _pid_in(lock) or "unknown"
        raise ConfigError(
            f"state_dir = {path}: another bridge uses it (pid {holder}); "
            "stop that one, or give this one a state_dir of its own"
        )
    if not is_restore:
        refuse_half_restored(path)
    lock.seek(0)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def refuse_half_restored(path: Path) -> None:
    """Raises ConfigError if a restore was killed between its first change and its last."""
    if os.path.lexists(path / RESTORE_MARK):
        raise ConfigError(
            f"state_dir = {path}: a restore was interrupted, and part of it is in place; "
            "say `izer-bridge restore --go-on`, or `izer-bridge restore --go-back`"
        )


def tighten(path: Path) -> int | None:
    """Let only its user into the directory; returns its former mode, None if it was private
    already.

    Raises ConfigError if it is another user's and open to others.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if not mode & 0o077:
            return None
        os.fchmod(descriptor, mode & 0o700)
    except PermissionError:
        raise ConfigError(
            f"state_dir = {path}: others may enter it (mode {mode:o}), and it belongs to another "
            "user; chmod 700 it, or give this bridge a state_dir of its own"
        ) from None
    finally:
        os.close(descriptor)
    return mode


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
    """The process id of the bridge that runs on this directory, None if none does.

    Raises ConfigError if that cannot be seen.
    """
    with _held(path) as lock:
        return None if lock is None else _process_of(lock, path)


def ask(path: Path, number: signal.Signals) -> bool:
    """Send a signal to the running bridge, and to nobody else; False if none runs.

    The process is pinned before it is compared with the lock: its id may be another's by now.
    """
    with _held(path) as lock:
        if lock is None:
            return False
        pid = _process_of(lock, path)
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        try:
            if _pid_in(lock) == pid and _is_of(lock, pid):
                signal.pidfd_send_signal(process, number)
                return True
        finally:
            os.close(process)
    return False


@contextmanager
def _held(path: Path) -> Iterator[TextIO | None]:
    """The lock of a running bridge."""
    try:
        lock = os.fdopen(open_plain(path / _LOCK), "r")
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        raise ConfigError(
            f"state_dir = {path}: cannot see whether a bridge runs: {error.strerror}"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            yield lock
        else:
            yield None


def _process_of(lock: TextIO, path: Path) -> int:
    """Raises ConfigError if the lock does not name a process of its owner."""
    pid = _pid_in(lock)
    if pid is None or not _is_of(lock, pid):
        raise ConfigError(
            f"state_dir = {path}: somebody holds its lock, and it does not name a process of the "
            "bridge's user; see: lsof, and end who holds it"
        )
    return pid


def _pid_in(lock: TextIO) -> int | None:
    """What somebody planted there is neither trusted nor shown."""
    lock.seek(0)
    said = lock.read(_LONGEST_PID + 1).strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_PID else None


def _is_of(lock: TextIO, pid: int) -> bool:
    try:
        return os.stat(f"/proc/{pid}").st_uid == os.fstat(lock.fileno()).st_uid
    except OSError:
        return False
