"""A bridge as a real process, whose output is read as an operator reads it."""

import asyncio
import codecs
import os
import re
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, Protocol, Self, TypeVar

from izer_bridge.simulator.camera import read_codes

T = TypeVar("T")
# How long to wait for expected output: a busy machine is no fault of the bridge.
PATIENCE_SECONDS = 120.0
_URL = re.compile(r"api_started\S* .*?url=(?:\x1b\S*?m)?(http://\S+?)(?:\x1b|\s)")


class NotPrintedError(Exception):
    """The expected output did not come; the text is everything that was printed."""


class Running(Protocol):
    """The used part of an `asyncio.subprocess.Process`."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def stdout(self) -> asyncio.StreamReader | None: ...
    @property
    def stderr(self) -> asyncio.StreamReader | None: ...
    def send_signal(self, signal: int) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


async def execute(command: Sequence[str], environment: Mapping[str, str]) -> Running:
    """Start it in its own process group, with pipes for its output."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=pipe, stderr=pipe, process_group=0
    )


class BridgeProcess:
    """Runs `command`; `output` is all that it has printed on stdout and stderr, in order."""

    # A caller that starts many has a quicker way.
    execute: ClassVar[Callable[[Sequence[str], Mapping[str, str]], Awaitable[Running]]] = execute

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.output = ""
        self._command = command
        self._environment = {
            key: value for key, value in os.environ.items() if not key.startswith("IZER_")
        } | dict(environment)
        self._printed = asyncio.Condition()
        self._process: Running | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._open_streams = 0

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def has_ended(self) -> bool:
        return self._running.returncode is not None

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self._running.returncode == -signal.SIGKILL

    async def start(self) -> None:
        self._process = await type(self).execute(self._command, self._environment)
        streams = (self._process.stdout, self._process.stderr)
        self._readers = [asyncio.create_task(self._read(stream)) for stream in streams if stream]
        self._open_streams = len(self._readers)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            # Together with its child processes, which would hold the pipes' other ends.
            os.killpg(self.pid, signal.SIGKILL)
            await self.ended()

    async def printed(
        self, find: Callable[[str], T | None], timeout_seconds: float = PATIENCE_SECONDS
    ) -> T:
        """Wait until `find` finds something in the output; returns it.

        Raises NotPrintedError if it does not come in time, or if the process ends before.
        """
        try:
            async with asyncio.timeout(timeout_seconds), self._printed:
                while not (found := find(self.output)):
                    if self._open_streams == 0:
                        raise NotPrintedError(self.output)
                    await self._printed.wait()
        except TimeoutError:
            raise NotPrintedError(self.output) from None
        return found

    async def line(self, *texts: str, timeout_seconds: float = PATIENCE_SECONDS) -> str:
        """Wait for a line that contains all of `texts`; the first such line."""
        lines = await self.printed(
            lambda output: [
                line for line in output.splitlines() if all(text in line for text in texts)
            ],
            timeout_seconds,
        )
        return lines[0]

    async def code(self, timeout_seconds: float = PATIENCE_SECONDS) -> str:
        """The text of the newest QR code that was printed."""
        return (await self.printed(read_codes, timeout_seconds))[-1]

    async def url(self) -> str:
        """Where the API listens."""
        return (await self.printed(_URL.search)).group(1)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; returns the exit code."""
        self.signal(number)
        return await self.ended()

    def signal(self, number: signal.Signals) -> None:
        self._running.send_signal(number)

    async def kill(self) -> None:
        """End it without giving it a chance to react; harmless if it has ended."""
        if not self.has_ended:
            self._running.kill()
        await self.ended()

    async def ended(self) -> int:
        """Wait for the end; returns the exit code."""
        code = await self._running.wait()
        await asyncio.gather(*self._readers)
        return code

    @property
    def _running(self) -> Running:
        if self._process is None:
            raise RuntimeError("the bridge was not started")
        return self._process

    async def _read(self, stream: asyncio.StreamReader) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := await stream.read(65_536):
            async with self._printed:
                self.output += decoder.decode(chunk)
                self._printed.notify_all()
        async with self._printed:
            self._open_streams -= 1
            self._printed.notify_all()
