"""A simulator and a stock client in a separate process, both new for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from izer_bridge.simulator.simulator import Simulator
from tests.simulator.client import Client


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with Simulator(tmp_path) as simulator:
        yield simulator


@pytest.fixture
async def client(whatsapp: Simulator, tmp_path: Path) -> AsyncIterator[Client]:
    client = Client(whatsapp, tmp_path / "session.db")
    await client.start()
    yield client
    await client.kill()
