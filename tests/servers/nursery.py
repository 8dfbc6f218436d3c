"""Forks bridges from a process that has imported and read what each of them needs first.

That is four fifths of a start's work. The client's library is not included: its threads would not
survive a fork. A forked bridge is a child of the tests, and of nobody else.
"""

import asyncio
import ctypes
import gc
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import izer_bridge
from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.simulator.process import BridgeProcess, Running, execute

# What the modules of the product import only when they need it.
_AHEAD = (
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.dialects.sqlite",
    "rich.table",
    "google.protobuf.text_format",
    "httpx2",
    "segno",
    "cryptography.hazmat.primitives.ciphers.aead",
    "elftools.elf.elffile",
)
# To be run as one that nobody has imported; not a bridge's; read by Alembic alone.
_NOT_AHEAD = ("__main__", "simulator", "mcp", "migrations")
_FORKED = (
    *("izer_bridge", "izer_bridge.simulator.launch"),
    *("tests.chaos.mortal_bridge", "tests.attack.kills"),
    *("tests.end_to_end.impatient_bridge", "tests.impatient_worker"),
    "tests.conditions.watchful_bridge",
)
# Go reads these where the kernel has put them: they must have a place there.
_FOR_GO = ("HTTPS_PROXY", "SSL_CERT_FILE")
_PR_SET_CHILD_SUBREAPER = 36
_LONGEST_ORDER = 1 << 17


@contextmanager
def forked_bridges() -> Iterator[None]:
    """Inside it, every `BridgeProcess` is a fork."""
    nursery = Nursery()
    BridgeProcess.execute = nursery.execute
    try:
        yield
    finally:
        nursery.stop()


class Nursery:
    """Starts with the first bridge that is requested."""

    def __init__(self) -> None:
        self._orders: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    async def execute(self, command: Sequence[str], environment: Mapping[str, str]) -> Running:
        """Start `python -m MODULE …` by fork, and any other command as usual."""
        match command:
            case [sys.executable, "-m", module, *arguments] if module in _FORKED:
                return await self._forked(module, arguments, environment)
            case _:
                return await execute(command, environment)

    def stop(self) -> None:
        if self._orders is not None and self._process is not None:
            self._orders.close()
            self._process.wait()

    async def _forked(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> Running:
        order = json.dumps([module, arguments, dict(environment), os.getcwd()])
        out, err = os.pipe(), os.pipe()
        orders = self._orders or self._start()
        socket.send_fds(orders, [order.encode()], [out[1], err[1]])
        os.close(out[1])
        os.close(err[1])
        pid = int(await asyncio.to_thread(orders.recv, 32))
        return Forked(pid, await _reader(out[0]), await _reader(err[0]))

    def _start(self) -> socket.socket:
        # The parent's orphans become ours, to be waited for.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                env=dict.fromkeys(_FOR_GO, "") | os.environ,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        return self._orders


class Forked:
    """A child that does not belong to `subprocess`, with the interface of asyncio's."""

    def __init__(
        self, pid: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader
    ) -> None:
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._end = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._ended)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        await self._end.wait()
        assert self.returncode is not None
        return self.returncode

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self._end.set()


async def _reader(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", buffering=0)
    )
    return reader


@dataclass(frozen=True)
class _Order:
    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    out: int
    err: int


def _serve(orders: socket.socket) -> _Order:
    """Fork for each order; returns in each fork, with what it has to run."""
    while True:
        text, files, _, _ = socket.recv_fds(orders, _LONGEST_ORDER, 2)
        if not text:
            os._exit(0)
        order = _Order(*json.loads(text), *files)
        if (pid := _forked()) == 0:
            orders.close()
            return order
        os.close(order.out)
        os.close(order.err)
        orders.send(str(pid).encode())


def _forked() -> int:
    """As os.fork(), but the fork's parent has ended by the time that its pid is known."""
    ours, theirs = os.pipe()
    if (between := os.fork()) == 0:
        if (pid := os.fork()) == 0:
            os.close(ours)
            os.close(theirs)
            return 0
        os.write(theirs, str(pid).encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(between, 0)
    with os.fdopen(ours) as told:
        return int(told.read())


def _become(order: _Order) -> None:
    """Set up what an interpreter would find at its start."""
    os.setpgid(0, 0)
    os.dup2(order.out, 1)
    os.dup2(order.err, 2)
    os.close(order.out)
    os.close(order.err)
    # Existing names first, whose values change in place.
    for name in set(os.environ) - set(order.environment):
        del os.environ[name]
    os.environ.update(sorted(order.environment.items(), key=lambda one: one[0] not in os.environ))
    os.chdir(order.folder)
    random.seed()
    sys.argv = ["", *order.arguments]


def _import_ahead() -> None:
    """All of the product but what needs the client's library, and what that needs in turn."""
    for name in _AHEAD:
        import_module(name)
    sys.modules["neonize"] = None  # type: ignore[assignment]
    for module in walk_packages(izer_bridge.__path__, "izer_bridge.", onerror=lambda _: None):
        if not set(_NOT_AHEAD) & set(module.name.split(".")):
            with suppress(ImportError):
                import_module(module.name)
    del sys.modules["neonize"]
    local_analyser.prepare()
    assert "neonize" not in sys.modules
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "threads do not live through a fork"
    gc.freeze()


if __name__ == "__main__":
    _import_ahead()
    order = _serve(socket.socket(fileno=int(sys.argv[1])))
    _become(order)
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)
