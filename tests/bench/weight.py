"""How long a start takes until systemd hears READY, and what a bridge weighs."""

import asyncio
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.bench.burst import Said, Shape, are_done, bridge_on, released, until
from tests.bench.processes import pss_mib
from tests.bench.rates import bare_client

_IDLE_SECONDS = 15
_A_BURST = 5_000


@dataclass(frozen=True, slots=True)
class Weight:
    """Seconds from the start of the process to READY, and MiB (PSS of all processes).

    `first` is of a start that makes its store and links; the others find both. The bare client is
    linked and idle, as is the bridge; `after_mib` is its after so many messages, where any came.
    """

    first_ready_seconds: float
    ready_seconds: float
    bare_mib: float
    idle_mib: float
    with_key_mib: float
    messages: int = 0
    after_mib: float | None = None


async def measure_weight(starts: int, messages: int) -> Weight:
    """`starts` that find their store, one with a key, and one that is given so many messages."""
    async with bare_client() as bare:
        await asyncio.sleep(_IDLE_SECONDS)
        bare_mib = pss_mib(bare.pid)
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
                        idle.append(pss_mib(bridge.pid))
                        await bridge.stop()
    return Weight(
        round(ready[0], 2),
        round(statistics.median(ready[1:-1]), 2),
        round(bare_mib, 1),
        round(statistics.median(idle[1:-1]), 1),
        round(idle[-1], 1),
        messages,
        round(await _after(messages), 1) if messages else None,
    )


async def _after(messages: int) -> float:
    """Once so many are done and nothing comes any more."""
    async with bridge_on(None) as (whatsapp, bridge, store):
        said = Said(whatsapp, Shape("20 chats", 20))
        done = await said.before()
        for _ in range(0, messages, _A_BURST):
            await released(whatsapp, await said.sealed(min(_A_BURST, messages)))
            done += min(_A_BURST, messages)
            await until(store, are_done(done))
        await asyncio.sleep(_IDLE_SECONDS)
        return pss_mib(bridge.pid)


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
