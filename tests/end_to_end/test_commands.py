"""The commands' output about a bridge that really runs, is linked, and is stopped again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.simulator import Simulator
from tests.end_to_end.test_process import linked, process
from tests.servers.mariadb import free_port


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Simulator]:
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with Simulator(folder) as simulator:
        yield simulator


async def said(tmp_path: Path, *arguments: str, **more: str) -> tuple[int, Any]:
    async with process(tmp_path, *arguments, "--json", **more) as command:
        code = await command.ended()
    return code, json.loads(command.output)


async def test_status_and_doctor_of_a_bridge_from_its_link_to_its_end(
    whatsapp: Simulator, tmp_path: Path
) -> None:
    port = {"IZER_API__PORT": str(free_port())}
    async with linked(whatsapp, tmp_path, **port) as bridge:
        await bridge.line("api_started")
        code, status = await said(tmp_path, "status", **port)
        assert (code, status["running"], status["well"]) == (1, True, False), "nobody has scanned"
        await whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")
        await whatsapp.say(whatsapp.contact("+905551112233", "Ayşe"), content.text("Merhaba"))
        await bridge.line("message_dispatched")
        code, status = await said(tmp_path, "status", **port)
        while status["stats"]["pending"]:
            code, status = await said(tmp_path, "status", **port)
        assert (code, status["well"], status["pid"]) == (0, True, bridge.pid)
        assert status["memory_mb"] > 10
        assert status["stats"]["settled"] == 1
        code, doctor = await said(tmp_path, "doctor", "--no-sample", **port)
        found = {one["about"]: one["verdict"] for one in doctor["findings"]}
        assert (found["bridge"], found["WhatsApp"], found["session"]) == ("ok", "ok", "ok")
        assert await bridge.stop() == 0
    code, status = await said(tmp_path, "status", **port)
    assert (code, status["running"], status["stopped"]["is_linked"]) == (1, False, True)
    assert status["stats"]["settled"] == 1
