"""What `izer-bridge doctor` checks on this machine: programs, clock, state directory, session."""

import ctypes
import importlib.metadata
import os
import platform
import re
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from izer_bridge import __version__
from izer_bridge.conditions.disk_space import disk_space
from izer_bridge.conditions.host_conditions import MB, of_disk
from izer_bridge.config.replaced import not_read
from izer_bridge.doctor.finding import Finding, failed, finding_of, ok, skipped, warning
from izer_bridge.domain.counted import counted
from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.domain.identity import redact
from izer_bridge.host import state_directory as statedir
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.whatsapp import library_check

_YEARS = range(2025, 2100)
_NOT_SYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_TIMEX_BYTES = 512  # more than any version's struct timex
# Customers' data, and files that grant access.
_PRIVATE = (
    *("session.db*", "sessions", "inbox.db*", "risks.jsonl", "bridge.db*", "media"),
    *(
        "api_token",
        "link.json",
        "conditions.json",
        "alarms.json",
        "qr.png",
        "backups",
        "before-restore-*",
    ),
)
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def versions() -> Iterator[Finding]:
    """Python, the client as pinned, and the library that it loads."""
    text = f"izer-bridge {__version__} on Python {platform.python_version()}"
    yield ok("version", text)
    wanted, found = _pinned("neonize"), importlib.metadata.version("neonize")
    if wanted not in ("", found):
        text = f"neonize is {found}; this version needs {wanted}"
        yield failed("client", text, "install izer-bridge again with its constraints.txt")
    else:
        yield ok("client", f"neonize {found}")
    if fault := library_check.fault():
        yield failed("client_library", fault, "install izer-bridge again with its constraints.txt")
    else:
        yield ok("client_library", "is the recorded one")
    try:
        from izer_bridge.host import libmagic  # noqa: F401 - whether it loads
    except ConfigError as error:
        yield failed("libmagic", str(error), "sudo apt install libmagic1")
    else:
        yield ok("libmagic", "loads")


def _pinned(package: str) -> str:
    lines = importlib.metadata.requires("izer-bridge") or []
    found = (re.fullmatch(rf"{package}==([\w.]+)", line) for line in lines)
    return next((one.group(1) for one in found if one), "")


def clock(now: datetime) -> Iterator[Finding]:
    """The year, and whether the kernel says that the clock is synchronised."""
    fix = "sudo timedatectl set-ntp true"
    if now.year not in _YEARS:
        yield failed("clock", f"the year is {now.year}", fix)
    elif not _is_synchronised():
        yield warning("clock", "nothing keeps this machine's clock right", fix)
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, kept right")


def _is_synchronised() -> bool:
    asked = ctypes.create_string_buffer(_TIMEX_BYTES)
    state: int = ctypes.CDLL(None).adjtimex(asked)
    return state != _NOT_SYNCHRONISED


def state_directory(folder: Path) -> Iterator[Finding]:
    """It exists, is private, and has room."""
    try:
        status = folder.stat()
    except OSError as error:
        text = f"{folder}: {error.strerror}"
        yield warning("state", text, "the first start makes it; else set state_dir right")
        return
    mode = stat.S_IMODE(status.st_mode)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        text = f"{folder} cannot be written by this user"
        yield failed("state", text, "run this as the bridge's user or as root, or set state_dir")
    elif mode & 0o077:
        text = f"others may enter {folder} (mode {mode:o})"
        yield failed("state", text, f"chmod 700 {folder}")
    else:
        yield ok("state", f"{folder} is private and can be written")
    yield from _open_files(folder)


def _open_files(folder: Path) -> Iterator[Finding]:
    wide = sorted(one for name in _PRIVATE for one in folder.glob(name) if _is_open(one))
    if wide:
        text = f"others may read {', '.join(one.name for one in wide)}"
        yield warning("state", text, f"chmod -R go= {' '.join(map(str, wide))}")


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:  # SQLite has closed it meanwhile, or a link leads out of this user's sight
        return False


def settings_file(file: Path) -> Iterator[Finding]:
    """Nobody else can read its passwords, and no setting of the replaced system is left unread."""
    for hint in not_read(os.environ, Path.cwd()):
        yield warning("settings", hint, "see: docs/migrating.md")
    try:
        is_secret = _PASSWORD.search(_without_comments(file.read_text("utf-8")))
    except FileNotFoundError:
        return
    if is_secret and _is_open(file):
        yield failed("settings", f"others may read the password in {file}", f"chmod 600 {file}")
    else:
        yield ok("settings", f"{file} is right" + (", and private" if is_secret else ""))


def _without_comments(text: str) -> str:
    """An example in a comment is nobody's password."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def room(places: Sequence[Path]) -> Iterator[Finding]:
    """On the disks of all places where the bridge stores anything."""
    for disk in disk_space(places):
        found = [finding_of(one) for one in of_disk(disk)]
        text = f"{disk.free / MB:,.0f} MB are free where {disk.place} lies"
        yield from found or [ok("disk", text)]


def session(folder: Path) -> Iterator[Finding]:
    """The session with WhatsApp and the inbox: sound, and whose they are."""
    from izer_bridge.whatsapp.session import account_of

    file = folder / "session.db"
    scan = "scan the code: izer-bridge link"
    with suppress(ConfigError):
        if statedir.holder(folder) is None:
            scan = "start the bridge and scan the code that it shows"
    if trouble := _oddity(file):
        yield failed("session", trouble, "remove it and restart the bridge; scan again")
    elif not file.is_file():
        yield warning("session", "no number is linked yet", scan)
    elif trouble := _damage(file):
        text = f"{file.name}: {trouble}"
        yield failed("session", text, "restart the bridge: it sets the file aside; scan again")
    elif account := account_of(file):
        yield ok("session", f"{redact(account)} is linked")
    else:
        yield warning("session", "no number is linked", scan)
    yield from _inbox(folder / "inbox.db")


def _inbox(file: Path) -> Iterator[Finding]:
    from izer_bridge.inbox.inbox import waiting_in

    if trouble := _oddity(file):
        yield failed("inbox", trouble, "remove it and restart the bridge")
        return
    if not file.is_file():
        yield skipped("inbox", "there is none before the first start")
        return
    try:
        depth = waiting_in(file)
    except TransientError as error:
        fix = "restart the bridge: it sets the file aside and saves what can be read"
        yield failed("inbox", str(error), fix)
    else:
        yield ok("inbox", f"{counted(depth, 'event waits', 'events wait')} to be recorded")


def _oddity(file: Path) -> str:
    try:
        refuse_odd_sqlite(file)
    except ConfigError as error:
        return str(error)
    return ""


def _damage(file: Path) -> str:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if verdict == "ok" else str(verdict)


def port(number: int, folder: Path) -> Iterator[Finding]:
    """Which program has the API's port while no bridge answers there."""
    from izer_bridge.doctor import port_owner

    if not port_owner.is_taken(number):
        return
    process = statedir.holder(folder)
    who = port_owner.holder_of(number) or "another user's process"
    if process is None or f"({process})" not in who:
        fix = "stop it, or give the bridge another api.port"
        yield failed("port", f"{who} listens on port {number}", fix)
