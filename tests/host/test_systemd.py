"""What systemd receives, on a socket like systemd's."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from izer_bridge.host import systemd
from izer_bridge.simulator.process import PATIENCE_SECONDS


@pytest.fixture
def service_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        yield receiver


async def heard(service_manager: socket.socket) -> str:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return (await asyncio.get_running_loop().sock_recv(service_manager, 4096)).decode()


async def test_states_are_told(service_manager: socket.socket) -> None:
    systemd.notify(READY="1", STATUS="Bağlı")
    assert await heard(service_manager) == "READY=1\nSTATUS=Bağlı"


async def test_the_watchdog_is_pinged_while_something_moves(
    service_manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    moving, asked = True, asyncio.Event()

    async def is_moving() -> bool:
        if not moving:
            asked.set()
        return moving

    task = asyncio.create_task(systemd.keep_watchdog(is_moving))
    for _ in range(3):
        assert await heard(service_manager) == "WATCHDOG=1"
    moving = False
    await asked.wait()
    with suppress(BlockingIOError):
        while True:  # what was sent before
            service_manager.recv(4096)
    asked.clear()
    await asked.wait()
    with pytest.raises(BlockingIOError):
        service_manager.recv(4096)
    task.cancel()


async def test_nobody_pings_where_no_watchdog_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)

    async def is_moving() -> bool:
        pytest.fail("asked")

    await systemd.keep_watchdog(is_moving)
