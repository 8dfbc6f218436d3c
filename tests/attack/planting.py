"""Runs commands as root on a state directory whose owner has planted something, each in a fork.

Arguments: the scratch folder, and `all` for every command on every planting. A JSON document of the
failures is printed. A fork of one process that has imported everything costs a tenth of a new
process.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from izer_bridge.__main__ import main
from izer_bridge.host.privilege import import_ahead
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.store.ledgers import SCREENING
from tests.store.messages import message

OWNER = 54_321
SECRET = "what-only-root-may-read"
_SECONDS = 30.0
# Coprime to the numbers of commands and kinds.
_STEP = 53
_ALWAYS = [
    # A file that the owner may not even look at, before anything else refuses it.
    ("session.db", "link", ("status", "--once")),
    ("bridge.db", "link", ("doctor", "--no-sample")),
    # The one name under which root once wrote, and once waited.
    ("lock", "link", ("restore", "{outside}/good.tar.gz")),
    ("lock", "hard link", ("restore", "{outside}/good.tar.gz")),
    ("lock", "pipe", ("status", "--once")),
]
_DATABASES = ("session.db", "inbox.db", "bridge.db")
NAMES = (
    *("lock", "link.json", "link.new", "api_token", "qr.png", "risks.jsonl", "restore.json"),
    *(f"{name}{suffix}" for name in _DATABASES for suffix in ("", "-wal", "-shm", "-journal")),
    *("media", "media/ab", "sessions", "sessions/session-1.db", "backups", "config.toml"),
)
KINDS = ("link", "link to a folder", "hard link", "pipe", "socket", "device", "folder")
COMMANDS = (
    ("backup",),
    ("backup", "--media", "{outside}/new.tar.gz"),
    ("restore", "{outside}/good.tar.gz"),
    ("restore", "{state}/backups/good.tar.gz"),
    ("restore", "--go-back"),
    ("status", "--once"),
    ("link", "--json"),
    ("link",),
    ("doctor", "--no-sample"),
    ("drafts", "list"),
    ("outbox", "list"),
    ("dlq", "list"),
    ("chat", "list"),
    ("stats",),
    ("verify",),
    ("retention", "--dry-run"),
    ("forget", "+905551112233", "--yes"),
    ("export", "-o", "{outside}/new.jsonl"),
    ("export", "-o", "{state}/new.jsonl"),
)


@dataclass(frozen=True)
class Ground:
    """The state directory, its state without plantings, and the files that are root's alone."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def outside(self) -> Path:
        return self.folder / "root"

    def make(self) -> None:
        self.outside.mkdir(mode=0o700)
        (self.outside / "secrets").mkdir()
        for name in ("secret", "secrets/of-root.db"):
            (self.outside / name).write_text(SECRET)
            (self.outside / name).chmod(0o600)
        self.state.mkdir(mode=0o700)
        inbox = SqliteInbox(self.state / "inbox.db")
        inbox.append([(1, b"event")])
        inbox.close()
        with closing(sqlite3.connect(self.state / "session.db")) as found:
            found.executescript("CREATE TABLE whatsmeow_device (jid TEXT, registration_id INT)")
        for name in ("media/ab", "sessions", "backups"):
            (self.state / name).mkdir(parents=True)
        (self.state / "media/ab" / f"{'ab' * 32}.jpg").write_bytes(b"picture")
        shutil.copy(self.state / "session.db", self.state / "sessions/session-1.db")
        (self.state / "api_token").write_text("t" * 43)
        (self.state / "api_token").chmod(0o600)
        (self.state / "risks.jsonl").write_text("{}")
        asyncio.run(_record(f"sqlite:///{self.state / 'bridge.db'}"))
        self._keep()
        said = self.run(("backup", "{outside}/new.tar.gz"))
        if said:
            sys.exit(f"nothing is planted, and yet: {said}")
        if not (self.outside / "new.tar.gz").exists():
            sys.exit(f"nothing is planted, and yet: {(self.folder / 'said').read_text()}")
        (self.outside / "new.tar.gz").rename(self.outside / "good.tar.gz")
        shutil.copy(self.outside / "good.tar.gz", self.folder / "plain/backups/good.tar.gz")

    def _keep(self) -> None:
        shutil.copytree(self.state, self.folder / "plain")
        self.reset()

    def reset(self) -> None:
        shutil.rmtree(self.state)
        shutil.copytree(self.folder / "plain", self.state)
        for path in (self.state, *self.state.rglob("*")):
            os.chown(path, OWNER, OWNER)
        for name in ("new.tar.gz", "new.jsonl"):
            (self.outside / name).unlink(missing_ok=True)

    def plant(self, name: str, kind: str) -> None:
        path = self.state / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        is_folder = name in ("media", "media/ab", "sessions", "backups")
        match kind:
            case "link":
                path.symlink_to(self.outside / ("secrets" if is_folder else "secret"))
            case "link to a folder":
                path.symlink_to(self.outside / "secrets")
            case "hard link":
                os.link(self.outside / "secret", path)
                return
            case "pipe":
                os.mkfifo(path, 0o666)
            case "socket":
                with socket.socket(socket.AF_UNIX) as made:
                    made.bind(str(path))
            case "device":
                os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
            case "folder":
                path.mkdir(mode=0o755)
                (path / "inside").write_text("x")
                os.chown(path / "inside", OWNER, OWNER)
        os.chown(path, OWNER, OWNER, follow_symlinks=False)

    def run(self, command: tuple[str, ...]) -> str:
        """The failures; empty if there were none."""
        before = self._roots()
        words = [one.format(outside=self.outside, state=self.state) for one in command]
        with (self.folder / "said").open("w+b") as said:
            child = os.fork()
            if child == 0:
                for target in (1, 2):
                    os.dup2(said.fileno(), target)
                os.setsid()
                signal.alarm(60)
                _go(words)
            code = _waited(child)
            said.seek(0)
            text = said.read().decode(errors="replace")
        return "; ".join(self._broken(code, text, before))

    def _broken(self, code: int | None, text: str, before: object) -> Iterator[str]:
        if code is None:
            yield "it waits for ever"
        elif code not in (0, 1, 2, 75, 78):
            yield f"it ended with {code}: {text[-300:]}"
        if "Traceback" in text:
            yield text[-400:]
        if SECRET in text:
            yield "it told root's secret"
        if self._roots() != before:
            yield "something of root's has changed"
        yield from self._given_away()

    def _given_away(self) -> Iterator[str]:
        for path in self.state.rglob("*"):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                if status.st_uid != OWNER:
                    yield f"{path.name} belongs to {status.st_uid}"
                if SECRET.encode() in path.read_bytes():
                    yield f"root's secret is in {path.name}"

    def _roots(self) -> list[tuple[str, int, int, bytes]]:
        kept = [one for one in sorted(self.outside.rglob("*")) if not one.name.startswith("new.")]
        return [_as_it_is(one) for one in (self.outside, *kept)]


def _as_it_is(path: Path) -> tuple[str, int, int, bytes]:
    status = path.stat()
    return str(path), status.st_uid, status.st_mode, b"" if path.is_dir() else path.read_bytes()


def _waited(child: int) -> int | None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _go(words: list[str]) -> None:
    try:
        main(words)
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:  # noqa: BLE001 - as the interpreter would
        sys.excepthook(*sys.exc_info())
    os._exit(99)


async def _record(url: str) -> None:
    ledger = SqlLedger(url, SCREENING, "test")
    await ledger.open()
    await ledger.record([message(1)])
    await ledger.close()


def run(folder: Path, *, everything: bool) -> dict[str, object]:
    """Every kind of thing under every name, each met by every command; otherwise a selection in
    which each name, each kind and each command has its turns.
    """
    import_ahead()
    ground = Ground(folder)
    ground.make()
    wrong = {}
    trials = [(name, kind, command) for name in NAMES for kind in KINDS for command in COMMANDS]
    chosen = trials if everything else _ALWAYS + trials[::_STEP]
    for name, kind, command in chosen:
        ground.reset()
        ground.plant(name, kind)
        if broken := ground.run(command):
            wrong[f"{kind} at {name}, {' '.join(command)}"] = broken
    return {"tried": len(chosen), "wrong": wrong}


def planted(folder: Path, *, everything: bool) -> dict[str, object]:
    """As `run`, in a separate process: a process that forks must have no threads."""
    environment = {
        "PATH": os.environ["PATH"],
        "IZER_STATE_DIR": str(folder / "state"),
        "IZER_API__PORT": "9",
        "HOME": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(folder), *(["all"] if everything else [])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr[-2000:] + done.stdout[-500:])
    found: dict[str, object] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), everything=len(sys.argv) > 2)))  # noqa: T201
