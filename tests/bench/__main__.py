"""`make bench`: how long a message takes from the wire to the disk, and to its agent.

Real parts: the client library in the bridge's process, the simulator, an agent over HTTP.
Times are of one machine's monotonic clock, taken in the processes where things happen.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from izer_bridge.simulator import content
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Sent, Simulator
from tests.bench.machine import described
from tests.bench.rates import Rates, measure_rates
from tests.bench.ratios import Ratios, measure_ratios
from tests.bench.retention import Removal, measure_removal
from tests.bench.weight import MOST_IDLE_MIB, MOST_READY_SECONDS, Weight, measure_weight
from tests.servers.agent import AgentServer
from tests.servers.loopback import Raw, Recorded, as_json

_CHATS = 20
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Latency:
    """In milliseconds; `target` says which of them must be under what."""

    name: str
    p50: float
    p99: float
    worst: float
    count: int
    target: str
    is_reached: bool


class TimedAgent(AgentServer):
    """Notes when each message's call arrived."""

    def __init__(self) -> None:
        super().__init__({"ok": True})
        self.arrived_ns: dict[str, int] = {}
        self.answerer = self._timed

    def _timed(self, request: Recorded) -> Raw:
        self.arrived_ns.setdefault(request.json["message"]["message_id"], time.monotonic_ns())
        return as_json({"ok": True})


async def measure(count: int, store_url: str) -> list[Latency]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with Simulator(folder) as whatsapp, TimedAgent() as agent:
            durable_file = folder / "durable.json"
            bridge = _bridge(whatsapp, agent, folder, durable_file, store_url)
            async with bridge:
                await whatsapp.scan(await bridge.code())
                await bridge.line("state=connected")
                await _send(whatsapp, bridge, 2 * _CHATS, before=0)
                steady = await _send(whatsapp, bridge, count, before=2 * _CHATS)
                await bridge.stop()
            durable = json.loads(durable_file.read_text())
    return [
        _latency("wire to durable in the inbox", steady, durable, p99_under=10),
        _latency("wire to the agent, local analyser", steady, agent.arrived_ns, p50_under=50),
    ]


def _bridge(
    whatsapp: Simulator, agent: TimedAgent, folder: Path, durable_file: Path, store_url: str
) -> BridgeProcess:
    root = whatsapp.server.root.public.hex()
    command = [sys.executable, "-m", "tests.bench.timed_bridge", root, str(durable_file), "run"]
    names = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")
    return BridgeProcess(
        command,
        {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(folder / "state"),
            "IZER_STORE__URL": store_url,
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


def _latency(
    name: str,
    sent: list[Sent],
    ended_ns: dict[str, int],
    *,
    p50_under: float | None = None,
    p99_under: float | None = None,
) -> Latency:
    taken = sorted((ended_ns[one.id] - one.delivery.delivered_ns) / 1e6 for one in sent)
    p50, p99 = (taken[int(len(taken) * part)] for part in (0.5, 0.99))
    return Latency(
        name=name,
        p50=round(p50, 2),
        p99=round(p99, 2),
        worst=round(taken[-1], 2),
        count=len(taken),
        target=f"p50 < {p50_under} ms" if p50_under else f"p99 < {p99_under} ms",
        is_reached=(p50_under is None or p50 < p50_under)
        and (p99_under is None or p99 < p99_under),
    )


def _print(
    ratios: Ratios,
    latencies: list[Latency],
    rates: Rates,
    removal: Removal,
    weight: Weight,
    machine: str,
) -> None:
    table = Table(title=machine)
    for heading in ("", "p50 ms", "p99 ms", "worst ms", "messages", "target", "reached"):
        table.add_column(heading, justify="left" if not heading else "right")
    for one in latencies:
        figures: list[Any] = [one.name, one.p50, one.p99, one.worst, one.count, one.target]
        table.add_row(*map(str, figures), "yes" if one.is_reached else "no")
    console = Console(width=None if sys.stdout.isatty() else 120)
    for line in ratios.lines():
        console.print(line)
    console.print(table)
    console.print(
        f"Intake in messages a second, {rates.rounds} rounds of {rates.messages}: bare client "
        f"{rates.bare}, bridge without its care {rates.careless} ({rates.of_bare:.0%} of it), "
        f"with it {rates.careful} ({rates.of_careless:.0%} of that)."
    )
    console.print(
        f"Retention: {removal.ms_per_1000} ms for 1,000 messages of {removal.messages}, the store "
        f"held {removal.worst_batch_ms} ms at most."
    )
    console.print(
        f"READY {weight.ready_seconds} s after the start ({weight.first_ready_seconds} s the first "
        f"time; under {MOST_READY_SECONDS:g} s); idle {weight.idle_mib} MiB "
        f"({weight.first_idle_mib} the first time, {weight.idle_with_key_mib} with an OpenAI key; "
        f"under {MOST_IDLE_MIB:g} MiB)."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="messages that are measured")
    parser.add_argument("--messages", type=int, default=1000, help="in each burst")
    parser.add_argument("--rounds", type=int, default=5, help="of which the medians are taken")
    parser.add_argument("--ratios", action="store_true", help="these alone")
    parser.add_argument("--old", type=int, default=10_000, help="messages that retention removes")
    parser.add_argument("--store-url", default="", help="default: SQLite in a scratch folder")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    ratios = asyncio.run(measure_ratios(options.messages, options.rounds))
    if options.ratios:
        said = json.dumps({"machine": described()} | ratios.as_json(), indent=2)
        sys.stdout.write((said if options.json else "\n".join(ratios.lines())) + "\n")
        return
    latencies = asyncio.run(measure(options.count, options.store_url))
    rates = asyncio.run(measure_rates(1000, options.rounds))
    removal = asyncio.run(measure_removal(options.old))
    weight = asyncio.run(measure_weight(3))
    machine = described()
    if options.json:
        figures = {"machine": machine, **ratios.as_json()}
        figures["latencies"] = [vars(one) for one in latencies]
        more = {"rates": vars(rates), "retention": vars(removal), "weight": asdict(weight)}
        sys.stdout.write(json.dumps(figures | more, indent=2) + "\n")
    else:
        _print(ratios, latencies, rates, removal, weight, machine)
    is_reached = [*(one.is_reached for one in latencies), weight.is_reached]
    sys.exit(0 if all(is_reached) else 1)


if __name__ == "__main__":
    main()
