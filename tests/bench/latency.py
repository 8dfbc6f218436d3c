"""One message after the other: how long each takes from the wire to the disk, and to its agent.

Times are of one machine's monotonic clock, taken in the processes where things happen.
"""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator
from tests.servers.agent import AgentServer
from tests.servers.loopback import Raw, Recorded, as_json

_CHATS = 20
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Latency:
    """In milliseconds."""

    name: str
    p50: float
    p99: float
    worst: float


class TimedAgent(AgentServer):
    """Notes when each message's call arrived."""

    def __init__(self) -> None:
        super().__init__({"ok": True})
        self.arrived_ns: dict[str, int] = {}
        self.answerer = self._timed

    def _timed(self, request: Recorded) -> Raw:
        self.arrived_ns.setdefault(request.json["message"]["message_id"], time.monotonic_ns())
        return as_json({"ok": True})


async def measure_latency(count: int) -> list[Latency]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with Simulator(folder) as whatsapp, TimedAgent() as agent:
            durable_file = folder / "durable.json"
            bridge = _bridge(whatsapp, agent, folder, durable_file)
            async with bridge:
                await whatsapp.scan(await bridge.code())
                await bridge.line("state=connected")
                await _send(whatsapp, bridge, 2 * _CHATS, before=0)
                steady = await _send(whatsapp, bridge, count, before=2 * _CHATS)
                await bridge.stop()
            durable = json.loads(durable_file.read_text())
    return [
        _spread("wire → durable in the inbox", steady, durable),
        _spread("wire → the agent", steady, agent.arrived_ns),
    ]


def _bridge(
    whatsapp: Simulator, agent: TimedAgent, folder: Path, durable_file: Path
) -> BridgeProcess:
    root = whatsapp.server.root.public.hex()
    timed = ["tests.bench.timed_bridge", root, str(durable_file), "careful", "run"]
    command = [sys.executable, "-m", *timed]
    names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
    return BridgeProcess(
        command,
        {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(folder / "state"),
            "IZER_API__PORT": "0",
            "OPENAI_API_KEY": "",
            **{f"IZER_AGENTS__{name}__URL": agent.url for name in names},
        },
    )


async def _send(
    whatsapp: Simulator, bridge: BridgeProcess, count: int, *, before: int
) -> list[Sent]:
    """One message after the other to chats in turn; waits until all are dispatched."""
    people = [
        whatsapp.contact(f"+9055511{number:05d}", f"Müşteri {number}") for number in range(_CHATS)
    ]
    console = Console(stderr=True)
    sent = []
    for number in track(range(count), "Sending", console=console, transient=True):
        words = content.text(f"Merhaba, {number} numaralı siparişim ne zaman gelir?")
        sent.append(await whatsapp.say(people[number % _CHATS], words))
        await asyncio.sleep(_PAUSE_SECONDS)
    await bridge.printed(lambda output: output.count("message_dispatched") >= before + count, 60)
    return sent


def _spread(name: str, sent: list[Sent], ended_ns: dict[str, int]) -> Latency:
    taken = sorted((ended_ns[one.id] - one.delivery.delivered_ns) / 1e6 for one in sent)
    p50, p99 = (round(taken[int(len(taken) * part)], 2) for part in (0.5, 0.99))
    return Latency(name, p50, p99, round(taken[-1], 2))
