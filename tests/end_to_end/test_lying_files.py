"""Files larger than they claim, on the real bridge: they cost it no memory."""

import time
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.media import Lie
from izer_bridge.simulator.process import BridgeProcess
from tests.chaos.arena import Arena, arena
from tests.end_to_end.stored import Store
from tests.servers.cage import caged

MIB = 1024 * 1024
MOST_MORE = 150 * MIB
UNIT = Path(__file__).parents[2] / "systemd" / "izer-bridge.service"


def family(bridge: BridgeProcess) -> Iterator[Path]:
    """The bridge and its child processes, as the unit's limits count them."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = told(status)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(bridge.pid) in (fields["Pid"], fields["PPid"]):
            yield status.parent


def told(status: Path) -> dict[str, str]:
    lines = status.read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def memory(bridge: BridgeProcess, what: str) -> int:
    """`VmRSS` now, or `VmHWM`, the maximum since `forgotten`."""
    sizes = [told(one / "status")[what] for one in family(bridge)]
    return sum(int(size.removesuffix(" kB")) * 1024 for size in sizes)


def tasks(bridge: BridgeProcess) -> int:
    return sum(int(told(one / "status")["Threads"]) for one in family(bridge))


def forgotten(bridge: BridgeProcess) -> None:
    """Reset the recorded peak of its memory."""
    for one in family(bridge):
        (one / "clear_refs").write_text("5")


def limit(name: str) -> str:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    return unit["Service"][name]


async def tried(one: Arena, count: int, size: int) -> None:
    """As below, with the unit's memory limit if this machine lets root set it."""
    most = int(limit("MemoryMax").removesuffix("M")) * MIB
    with caged(most) as cage:
        one.before = () if cage is None else cage.command
        await lied_to(one, count, size)
        one.whatsapp.media.lie = None
        held = "no" if cage is None else f"a limit of {most // MIB} MiB by a"
        print(f"{held} control group")  # noqa: T201
        assert cage is None or cage.killed == 0
        assert one.running is not None
        assert not one.running.has_ended
        await one.ended()
    one.before = ()


async def lied_to(one: Arena, count: int, size: int) -> None:
    """`count` people send such a file at once, others write in between, and all is worked."""
    bridge = await one.started()
    await bridge.line("state=connected")
    one.sent.append(await one.whatsapp.say(one.people[3], content.document(b"%PDF", "a.pdf")))
    await bridge.line("media_kept")
    kept = {path for path in one.folder.glob("state/media/*/*") if path.is_file()}
    before = memory(bridge, "VmRSS")
    forgotten(bridge)
    one.whatsapp.media.lie = Lie(size)
    said: dict[str, float] = {}
    others = [one.whatsapp.contact(f"+9055522200{number:02}", "Veli") for number in range(count)]
    for number, other in enumerate(others):
        liar = one.people[number % 3]
        words = content.document(b"%PDF-1.7" + bytes(992), f"{number}.pdf")
        one.sent.append(await one.whatsapp.say(liar, words))
        one.sent.append(await one.whatsapp.say(other, content.text("Hazır mı?")))
        said[one.sent[-1].id] = time.monotonic()
    await one.live(bridge)
    came = {
        request.json["message"]["message_id"]: request.came_at for request in one.agent.requests
    }
    longest = max(came[identifier] - at for identifier, at in said.items())
    peak, threads = memory(bridge, "VmHWM"), tasks(bridge)
    print(  # noqa: T201
        f"before {before // MIB} MiB, peak {peak // MIB} MiB, {threads} tasks; "
        f"others waited at most {longest:.1f} s"
    )
    states = [row.state for row in await Store(one.store_url).media()]
    assert sorted(states) == ["kept", *["too_large"] * count]
    assert peak < before + MOST_MORE
    assert peak < int(limit("MemoryMax").removesuffix("M")) * MIB
    assert threads < int(limit("TasksMax"))
    assert {path for path in one.folder.glob("state/media/*/*") if path.is_file()} == kept


async def held_by_nobody(one: Arena) -> None:
    """Eight files never end; another person's messages are worked meanwhile."""
    bridge = await one.started()
    await bridge.line("state=connected")
    one.whatsapp.media.lie = Lie(1 << 40, pause_seconds=0.1)
    liars = [
        await one.whatsapp.say(one.people[number % 3], content.document(b"%PDF", "a.pdf"))
        for number in range(8)
    ]
    asked = await one.whatsapp.say(one.people[4], content.text("Hazır mı?"))
    await bridge.line("message_dispatched", f" id={asked.id}")
    assert not one.whatsapp.media.is_idle.is_set()
    one.sent.extend([*liars, asked])
    one.whatsapp.media.lie = None


@pytest.mark.timeout(300)
@pytest.mark.attack("files that are larger than they say, or never come to an end")
async def test_lying_files_take_no_memory_and_hold_nobody_up(tmp_path: Path) -> None:
    async with arena(tmp_path, "", 1) as one:
        await tried(one, 6, 64 * MIB)
        await held_by_nobody(one)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.attack("20 files of 200 MB that say 1,000 bytes, at once")
async def test_twenty_files_of_200_mb(tmp_path: Path) -> None:
    async with arena(tmp_path, "", 1) as one:
        await tried(one, 20, 200 * MIB)
