"""Time from a start until systemd receives READY, and a bridge's memory, idle and after work."""

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
_LONGEST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Weight:
    """Seconds from the start of the process to READY, and MiB (PSS of all processes).

    `first` is a start that creates its store and links; later starts find both. The bare client is
    linked and idle, as is the bridge.
    """

    first_ready_seconds: float
    ready_seconds: float
    bare_mib: float
    idle_mib: float
    with_key_mib: float


@dataclass(frozen=True, slots=True)
class Worn:
    """MiB (PSS) of a bridge after this many messages, and of an idle bare client."""

    bare_mib: float
    after_mib: float
    messages: int


async def measure_weight(starts: int) -> Weight:
    """`starts` that find their store, and one with a key."""
    bare_mib = await _bare()
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
        bare_mib,
        round(statistics.median(idle[1:-1]), 1),
        round(idle[-1], 1),
    )


async def measure_worn(messages: int) -> Worn:
    """After this many messages, or as many as there is time for, once nothing comes any longer."""
    bare_mib = await _bare()
    async with bridge_on(None) as (whatsapp, bridge, store):
        said = Said(whatsapp, Shape("20 chats", 20))
        done, began = await said.before(), time.monotonic()
        while done < messages and time.monotonic() - began < _LONGEST_SECONDS:
            burst = await said.sealed(min(_A_BURST, messages - done))
            await released(whatsapp, burst)
            done += len(burst)
            await until(store, are_done(done))
        await asyncio.sleep(_IDLE_SECONDS)
        return Worn(bare_mib, round(pss_mib(bridge.pid), 1), done)


async def _bare() -> float:
    async with bare_client() as bare:
        await asyncio.sleep(_IDLE_SECONDS)
        return round(pss_mib(bare.pid), 1)


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
