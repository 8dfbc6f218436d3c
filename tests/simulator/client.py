"""The stock client library's process as a test sees it: its events, and its commands."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.simulator.simulator import Simulator


class Client:
    """The process; its events are read one after the other."""

    def __init__(self, whatsapp: Simulator, session: Path) -> None:
        self._whatsapp = whatsapp
        self.session = session
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        root = self._whatsapp.server.root.public.hex()
        command = [sys.executable, "-m", "tests.simulator.bare_client", root, str(self.session)]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **self._whatsapp.environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def event(self, name: str, **fields: Any) -> Any:
        """The next event of this name with these fields; others are skipped."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._process.stdout:
                if not line.startswith(b"{"):
                    continue
                event = json.loads(line)
                if event["event"] == name and fields.items() <= event.items():
                    return event
        raise AssertionError(f"the client ended without {name}")

    def tell(self, command: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def pair(self) -> None:
        await self._whatsapp.scan((await self.event("code"))["text"])
        await self.event("connected")
