"""How long a start takes until systemd hears READY, and what an idle bridge weighs."""

import asyncio
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.soak.trials import memory_of

MOST_READY_SECONDS, MOST_IDLE_MIB = 3.0, 150.0
_IDLE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Weight:
    """Seconds from the start of the process to READY, and MiB (VmRSS) while linked and idle.

    `first` is of a start that makes its store and links; of those that find both the last has an
    OpenAI key, as a bridge is installed it has none.
    """

    first_ready_seconds: float
    ready_seconds: float
    first_idle_mib: float
    idle_mib: float
    idle_with_key_mib: float

    @property
    def is_reached(self) -> bool:
        return self.ready_seconds < MOST_READY_SECONDS and self.idle_mib < MOST_IDLE_MIB


async def measure_weight(starts: int) -> Weight:
    """`starts` that find their store, and one with a key."""
    ready, idle = [], []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with Simulator(folder) as whatsapp:
            for number in range(1 + starts + 1):
                async with _Heard(folder / f"notify-{number}") as heard:
                    bridge = BridgeProcess(
                        whatsapp.command("run"),
                        {
                            **whatsapp.environment,
                            "IZER_STATE_DIR": str(folder / "state"),
                            "IZER_API__PORT": "0",
                            "OPENAI_API_KEY": "none" if number > starts else "",
                            "NOTIFY_SOCKET": heard.address,
                        },
                    )
                    began = time.monotonic()
                    async with bridge:
                        await heard.ready()
                        ready.append(time.monotonic() - began)
                        if number == 0:
                            await whatsapp.scan(await bridge.code())
                        await bridge.line("state=connected")
                        await asyncio.sleep(_IDLE_SECONDS)
                        idle.append(memory_of(bridge))
                        await bridge.stop()
    return Weight(
        round(ready[0], 2),
        round(statistics.median(ready[1:-1]), 2),
        round(idle[0], 1),
        round(statistics.median(idle[1:-1]), 1),
        round(idle[-1], 1),
    )


class _Heard:
    """systemd's end of the socket."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def __aenter__(self) -> "_Heard":
        self._socket.bind(self.address)
        self._socket.setblocking(False)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def ready(self) -> None:
        async with asyncio.timeout(60):
            while b"READY=1" not in await asyncio.get_running_loop().sock_recv(self._socket, 4096):
                pass
