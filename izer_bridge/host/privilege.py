"""Root drops to the owner of the state directory before it touches anything in there.

The service's user may be taken over, and put links, pipes and other people's files under every
name. A process with that user's own rights cannot be tricked into anything that the user could not
do itself. It never regains root: where root is also needed, a parent process keeps it.
"""

import ctypes
import os
import pkgutil
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.new_file import NewFile

_EXIT_TRY_AGAIN = 75
# From Linux's sched.h and mount.h.
_CLONE_NEWNS = 0x20000
_MS_BIND, _MS_REC, _MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
_PACKAGES = (
    "izer_bridge.agents",
    "izer_bridge.analysis",
    "izer_bridge.board",
    "izer_bridge.conditions",
    "izer_bridge.config",
    "izer_bridge.console",
    "izer_bridge.conversations",
    "izer_bridge.doctor",
    "izer_bridge.domain",
    "izer_bridge.escalation",
    "izer_bridge.events",
    "izer_bridge.host",
    "izer_bridge.inbox",
    "izer_bridge.mcp",
    "izer_bridge.media",
    "izer_bridge.people",
    "izer_bridge.pipeline",
    "izer_bridge.replies",
    "izer_bridge.reports",
    "izer_bridge.search",
    "izer_bridge.staff",
    "izer_bridge.store",
    "izer_bridge.trials",
    "izer_bridge.upkeep",
    "izer_bridge.web",
    "izer_bridge.webhook",
    "izer_bridge.whatsapp",
    "izer_bridge.wiring",
    "izer_bridge.writing",
)
# The first three need an extra that may be missing; the last run only within Alembic.
_NOT_AHEAD = (
    "izer_bridge.agents.a2a.server",
    "izer_bridge.agents.a2a.client",
    "izer_bridge.mcp.server",
    "izer_bridge.store.migrations",
)
_IMPORTED_LATE = (
    *("mmap", "rich.live", "rich.progress", "rich.table", "encodings.idna", "encodings.ascii"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.mysql.aiomysql"),
    *("sqlalchemy.ext.asyncio", "aiomysql", "izer_bridge.daemon"),
    *("izer_bridge.run_cli", "izer_bridge.worker_process", "izer_bridge.agents_process"),
    *("httpx2", "cryptography.hazmat.primitives.kdf.hkdf"),
    *(f"cryptography.hazmat.primitives.ciphers.{name}" for name in ("aead", "algorithms", "modes")),
)


@dataclass(frozen=True, slots=True)
class Owner:
    uid: int
    gid: int


def owner_of(state_dir: Path) -> Owner | None:
    """The user that root must become; None if this is not root, or the directory is root's own.

    Raises ConfigError if another user's link leads to the directory.
    """
    if os.geteuid() != 0:
        return None
    for path in _way_to(state_dir):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) and status.st_uid != 0:
            raise ConfigError(
                f"state_dir = {state_dir}: {path} is a link of user {status.st_uid}, which root "
                "does not follow; name the directory itself"
            )
    try:
        status = state_dir.stat()
    except OSError:
        return None  # the first start creates it
    return Owner(status.st_uid, status.st_gid) if status.st_uid != 0 else None


def step_down(state_dir: Path) -> None:
    """Become the directory's owner from here on, for good. Raises ConfigError."""
    if (owner := owner_of(state_dir)) is not None:
        _become(owner, state_dir)


@contextmanager
def new_file(state_dir: Path, path: Path, *, replaces: bool = False) -> Iterator[NewFile]:
    """A file that an operator asked for. From here on nobody is root.

    Files in reach of the state directory's owner are opened as that owner, all others before.
    Raises OSError, ConfigError.
    """
    is_outside = not is_within_reach(path, state_dir)
    if not is_outside:
        step_down(state_dir)
    with NewFile(path, replaces=replaces) as new:
        if is_outside:
            step_down_under(state_dir, new)
        yield new


def step_down_under(state_dir: Path, new: NewFile) -> None:
    """As `step_down`, in a child process that continues from here.

    Root waits only to give `new` its name, and to remove what it replaces. The parent ends as the
    child ends.
    """
    owner = owner_of(state_dir)
    if owner is None:
        return
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        new.leave()
        _become(owner, state_dir)
        return
    os._exit(_finished(child, new))


def is_within_reach(path: Path, state_dir: Path) -> bool:
    """Whether the directory's owner controls any part of `path`: then root must not go there."""
    owner = owner_of(state_dir)
    return owner is not None and any(
        status.st_uid == owner.uid for one in _way_to(path) for status in (one.lstat(), one.stat())
    )


def _way_to(path: Path) -> Iterator[Path]:
    """The existing part of it, from its root on."""
    absolute = path.absolute()
    for one in (*reversed(absolute.parents), absolute):
        if not one.exists():
            if one.is_symlink():
                raise ConfigError(f"{one} is a link that leads nowhere")
            return
        yield one


def import_ahead() -> None:
    """Import everything that a command imports later, for a Python that only root can read."""
    for package in _PACKAGES:
        _import_all(package)
    for name in _IMPORTED_LATE:
        import_module(name)


def _import_all(package: str) -> None:
    for one in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        if one.name not in _NOT_AHEAD:
            import_module(one.name)
            if one.ispkg:
                _import_all(one.name)


def _can_import(owner: Owner) -> bool:
    os.seteuid(owner.uid)
    try:
        return os.access(os.__file__, os.R_OK, effective_ids=True) and os.access(
            __file__, os.R_OK, effective_ids=True
        )
    finally:
        os.seteuid(0)


def _become(owner: Owner, state_dir: Path) -> None:
    os.umask(0o077)
    try:
        if not _can_import(owner):
            import_ahead()
        _open_way(state_dir.resolve(), owner)
        os.setgroups([owner.gid])
        os.setresgid(owner.gid, owner.gid, owner.gid)
        os.setresuid(owner.uid, owner.uid, owner.uid)
    except PermissionError:
        raise ConfigError(
            f"root cannot become user {owner.uid}, to whom the state directory belongs; "
            "run this as that user"
        ) from None


def _open_way(state_dir: Path, owner: Owner) -> None:
    """Let the owner pass through /var/lib/private, in this process's own mount namespace.

    That directory is root's alone; systemd keeps dynamic users' data there.
    """
    parent = state_dir.parent
    status = parent.stat()
    if status.st_mode & stat.S_IXOTH or status.st_uid == owner.uid:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    _must(libc.unshare(_CLONE_NEWNS))
    _must(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    # In this namespace: a directory of the other one cannot be mounted here.
    directory = os.open(state_dir, os.O_PATH | os.O_DIRECTORY)
    _must(libc.mount(b"tmpfs", bytes(parent), b"tmpfs", 0, b"mode=0755,size=64k"))
    state_dir.mkdir()
    _must(libc.mount(b"/proc/self/fd/%d" % directory, bytes(state_dir), None, _MS_BIND, None))
    os.close(directory)


def _must(result: int) -> None:
    if result != 0:
        raise PermissionError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _finished(child: int, new: NewFile) -> int:
    """The exit code of both. Terminal signals reach the child by themselves."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 0:
        return code if code > 0 else 128 - code
    try:
        new.appear()
    except OSError as error:
        sys.stderr.write(f"izer-bridge: {new.path} cannot be written: {error.strerror}\n")
        return _EXIT_TRY_AGAIN
    return 0
