"""A copy of the session for each linking replaces a damaged session."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Simulator]:
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with Simulator(folder) as simulator:
        yield simulator


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def bridge(whatsapp: Simulator, state: Path, *arguments: str) -> BridgeProcess:
    variables = {"IZER_STATE_DIR": str(state), "IZER_API__PORT": "0", "OPENAI_API_KEY": ""}
    launcher = whatsapp.command("run") if not arguments else [sys.executable, "-m", "izer_bridge"]
    return BridgeProcess([*launcher, *arguments], {**whatsapp.environment, **variables})


def copies(state: Path) -> list[Path]:
    return sorted((state / "sessions").iterdir(), key=lambda one: one.stat().st_mtime_ns)


async def test_a_damaged_session_is_replaced_by_its_copy_without_a_code(
    whatsapp: Simulator, state: Path
) -> None:
    async with bridge(whatsapp, state) as first:
        await whatsapp.scan(await first.code())
        await first.line("session_copied")
        await first.stop()
    [copy] = copies(state)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    (state / "session.db").write_bytes(b"damaged" * 4096)
    async with bridge(whatsapp, state, "restore", str(copy)) as restore:
        assert await restore.ended() == 0
    async with bridge(whatsapp, state) as second:
        await second.line("state=connected")
        await second.line("session_copied")
        assert "scan_qr_code" not in second.output
    assert copies(state) == [copy]


async def test_what_was_said_after_the_copy_does_not_stop_what_comes_after_its_return(
    whatsapp: Simulator, state: Path
) -> None:
    """The copy knows neither how far Ayşe's keys have moved since, nor Can's at all (ADR 35)."""
    ayse, can = (whatsapp.contact(f"+90555111223{n}", name) for n, name in enumerate(["A", "C"]))

    async def says(process: BridgeProcess, *people: Person) -> None:
        for one in people:
            process.output = ""
            await whatsapp.say(one, content.text("Merhaba"))
            await process.line("message_dispatched")

    async with bridge(whatsapp, state) as process:
        await whatsapp.scan(await process.code())
        await process.line("session_copied")
        await says(process, ayse)
        await process.stop()
    async with bridge(whatsapp, state) as process:
        await process.line("session_copied")
        await says(process, ayse, can, ayse, can)
        await process.stop()
    [copy] = copies(state)
    async with bridge(whatsapp, state, "restore", str(copy)) as restore:
        assert await restore.ended() == 0
    async with bridge(whatsapp, state) as process:
        await process.line("state=connected")
        await says(process, ayse, can)


async def test_another_linking_does_not_replace_the_copy_of_the_one_before(
    whatsapp: Simulator, state: Path
) -> None:
    async with bridge(whatsapp, state) as process:
        await whatsapp.scan(await process.code())
        await process.line("session_copied")
        [first] = copies(state)
        before = first.read_bytes()
        process.output = ""
        await whatsapp.log_out()
        await whatsapp.scan(await process.code())
        await process.line("session_copied")
    assert len(copies(state)) == 2
    assert first.read_bytes() == before
