"""A systemd that really boots: a machine's files under a disposable layer.

It has this machine's network, so that the tests' servers are on its loopback. All of it, including
mounts, lives in namespaces that end with the process that booted it, however that ends.
"""

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from izer_bridge.simulator.process import PATIENCE_SECONDS

T = TypeVar("T")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT = {
    "PATH": _PATH,
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
_WITHOUT_REGISTRY = {
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "/opt/wheelhouse",
    "PIP_CONFIG_FILE": os.devnull,
}
_NOT_STARTED = ("mariadb", "mysql", "postgresql", "apt-daily", "apt-daily-upgrade")
_CGROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd")
_BOOT = """
folder=$1; machine=$2; shift 2
for cgroup in "$@"; do echo 0 >"$cgroup/cgroup.procs"; done
layers="lowerdir=$machine,upperdir=$folder/upper,workdir=$folder/work"
mount -t overlay overlay -o "$layers" "$folder/root"
exec systemd-nspawn --quiet --directory="$folder/root" --boot --register=no --keep-unit \\
    --link-journal=no --console=pipe
"""
_PAUSE_SECONDS = 0.1


def eventually(look: Callable[[], T]) -> T:
    """What `look` finds at last. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_PAUSE_SECONDS)
    return found


def missing() -> str:
    """What this machine lacks for a container, or nothing."""
    if shutil.which("systemd-nspawn") is None:
        return "systemd-nspawn is missing: sudo apt install systemd-container"
    return "" if Path("/lib/systemd/systemd").exists() else "sudo apt install systemd-sysv dbus"


class Container:
    """`files` is its own layer: files put there before `boot` are visible in it.

    Below are the files of `machine`, which it does not change; `variables` are in the environment
    of everything inside.
    """

    def __init__(
        self,
        folder: Path,
        machine: Path = Path("/"),
        variables: Mapping[str, str] = _WITHOUT_REGISTRY,
    ) -> None:
        self.files = folder / "upper"
        self._machine = machine
        self._variables = _ENVIRONMENT | dict(variables)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0
        # Of the same name in each hierarchy, as nspawn expects it.
        name = f"izer-{uuid.uuid4().hex[:8]}"
        self._cgroups = [Path(one, name) for one in _CGROUPS if Path(one, "cgroup.procs").exists()]
        for layer in ("upper", "work", "root"):
            (folder / layer).mkdir(parents=True)
        self.put("etc/machine-id", uuid.uuid4().hex)
        for unit in _NOT_STARTED:
            link = self.files / "etc/systemd/system" / f"{unit}.service"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.devnull)

    def put(self, path: str, text: str) -> None:
        """Before it boots: make a file."""
        file = self.files / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def boot(self) -> None:
        """Return when everything that starts at boot has started."""
        for cgroup in self._cgroups:
            cgroup.mkdir()
        with (self._folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL"),
                    *("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
                    *(
                        "sh",
                        "-ec",
                        _BOOT,
                        "sh",
                        str(self._folder),
                        str(self._machine),
                        *map(str, self._cgroups),
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self._leader = eventually(self._find_leader)
        try:
            eventually(self._has_started)
        except TimeoutError:
            state = self.run("systemctl", "list-jobs", "--no-pager", check=False)
            state += self.run("systemctl", "is-system-running", check=False)
            raise TimeoutError(f"it did not start up:\n{state}{self._console()}") from None

    def _console(self) -> str:
        return (self._folder / "console").read_text(errors="replace")[-2000:]

    def _has_started(self) -> bool:
        state = self.run("systemctl", "is-system-running", check=False).strip()
        return state in ("running", "degraded")

    def _find_leader(self) -> int:
        """Its process 1, as this machine numbers it, once it is systemd."""
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(self._console())
        return next((one for one in _descendants(self._process.pid) if _is_systemd(one)), 0)

    def command(self, *command: str) -> list[str]:
        """The command line that runs `command` inside, as root."""
        variables = [f"{key}={value}" for key, value in self._variables.items()]
        inside = ("nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C")
        return [*inside, "env", "-i", *variables, *command]

    def run(self, *command: str, check: bool = True, text: str = "") -> str:
        """Its output. Raises AssertionError with it on failure."""
        done = subprocess.run(
            self.command(*command), input=text, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
        return said

    def write(self, path: str, text: str) -> None:
        """Replace a file inside."""
        self.run("mkdir", "-p", str(Path(path).parent))
        self.run("tee", path, text=text)

    def copy(self, files: Sequence[Path], folder: str) -> None:
        """Before it boots: put files and folders into a folder of it."""
        target = self.files / folder.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(file, target / file.name, ignore=ignored)
            else:
                shutil.copy(file, target / file.name)

    def end(self) -> None:
        """Immediately; there is nothing in it to keep."""
        if self._process is not None:
            everything = list(_descendants(self._process.pid))
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            eventually(lambda: not any(Path(f"/proc/{one}").exists() for one in everything))
        for cgroup in self._cgroups:
            for folder, _, _ in os.walk(cgroup, topdown=False):
                os.rmdir(folder)
        shutil.rmtree(self._folder)


def _descendants(process: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _descendants(child)


def _is_systemd(process: int) -> bool:
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return command.startswith((b"/usr/lib/systemd/systemd\0", b"/lib/systemd/systemd\0"))
