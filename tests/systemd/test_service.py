"""The installed service under a systemd that really booted."""

import asyncio
import json
import re
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.simulator.simulator import Simulator
from tests.systemd.container import eventually
from tests.systemd.service import SETTINGS, STATE, UNIT, Service

pytestmark = pytest.mark.timeout(300)
_PROBE = "/etc/systemd/system/izer-probe.service"


@pytest.fixture
async def whatsapp(tmp_path: Path) -> AsyncIterator[Simulator]:
    folder = tmp_path / "whatsapp"
    folder.mkdir()
    async with Simulator(folder) as simulator:
        yield simulator


def test_the_installed_service_runs_and_a_second_time_changes_nothing(service: Service) -> None:
    assert service.property("ActiveState") == "active"
    assert service.machine.run("systemctl", "is-enabled", UNIT).strip() == "enabled"
    assert service.property("ActiveState", "izer-bridge-backup.timer") == "active"
    mode = service.machine.run("stat", "-c", "%a %U", SETTINGS, STATE, f"{STATE}/").split("\n")
    assert mode[0] == "600 root"
    before = service.property("MainPID")
    said = service.make("install")
    assert "journalctl -u izer-bridge -f -o cat" in said
    assert "Building" not in said
    page = "/usr/local/share/man/man1/izer-bridge.1.gz"
    assert ".TH IZER-BRIDGE 1" in service.machine.run("zcat", page)
    completion = "/usr/local/share/bash-completion/completions/izer-bridge"
    assert "izer-bridge" in service.machine.run("bash", "-c", f". {completion}; complete -p")
    assert service.property("MainPID") == before
    size = service.machine.run("du", "-sm", "/opt/izer-bridge/current/").split()[0]
    assert int(size) < 250
    assert f"port = {service.port}" in service.machine.run("cat", SETTINGS)
    # Nothing in the checkout belongs to root's build.
    assert service.machine.run("find", "/opt/checkout", "-name", "*.egg-info") == ""


async def test_it_is_ready_before_it_is_linked_by_the_code_in_the_journal(
    service: Service, whatsapp: Simulator
) -> None:
    await to_thread(service.reaches, whatsapp)
    assert service.property("ActiveState") == "active"
    async with service.journal() as journal:
        await journal.line("state=scan_qr_code")
        assert "Scan the QR code" in service.property("StatusText")
        await whatsapp.scan(await journal.code())
        await journal.line("state=connected")
        await journal.line("session_copied")
        ayse = whatsapp.contact("+905551112233", "Ayşe")
        await whatsapp.say(ayse, content.text("Frenim tutmuyor"))
        await journal.line("message_dispatched")
        assert "Frenim" not in journal.output

        killed = service.property("InvocationID")
        service.send("KILL")
        await to_thread(_is_up_again, service, killed)
    assert service.property("NRestarts") == "1"
    async with service.journal() as journal:
        await journal.line("state=connected")
        assert "scan_qr_code" not in journal.output
        await whatsapp.say(ayse, content.text("Hâlâ bekliyorum"))
        await journal.line("message_dispatched")
        await to_thread(service.start, "izer-bridge-backup.service")
        await to_thread(service.machine.run, "systemctl", "stop", UNIT)
        await journal.line("event=stopped")
    assert service.property("Result") == "success"
    assert service.property("ExecMainStatus") == "0"
    assert _stopped_within_seconds(service) < 10
    assert service.rows("SELECT count(*) FROM webhook_messages WHERE state = 'settled'") == [[2]]
    owners = service.machine.run("find", f"{STATE}/", "-printf", "%U %m %y\n").split("\n")
    assert len({line.split()[0] for line in owners if line}) == 1
    assert {line.split()[1] for line in owners if line} <= {"600", "700"}
    service.start()


def _is_up_again(service: Service, before: str) -> None:
    """By itself, as another invocation."""
    eventually(lambda: service.property("InvocationID") != before)
    eventually(lambda: service.property("ActiveState") == "active")


def _stopped_within_seconds(service: Service) -> float:
    """By systemd's own clock, from the request to the end of the process."""
    names = "ActiveExitTimestampMonotonic", "ExecMainExitTimestampMonotonic"
    began, ended = (int(service.property(name)) for name in names)
    return (ended - began) / 1_000_000


async def test_a_hang_ends_in_its_stack_in_the_journal_and_a_bridge_that_works(
    service: Service, whatsapp: Simulator
) -> None:
    await to_thread(service.reaches, whatsapp, watchdog_seconds=3)
    async with service.journal() as journal:
        await whatsapp.scan(await journal.code())
        await journal.line("state=connected")
        hung = service.property("InvocationID")
        service.send("USR2")
        await journal.line("Fatal Python error: Aborted")
        await journal.line("in hang")
        await to_thread(_is_up_again, service, hung)
    said = service.machine.run("journalctl", "-u", UNIT, "-o", "cat", f"INVOCATION_ID={hung}")
    assert "Watchdog timeout" in said
    async with service.journal() as journal:
        await journal.line("state=connected")
        whatsapp.network.is_refusing = True
        await whatsapp.drop()
        process = service.property("MainPID")
        # Without WhatsApp for several of the watchdog's periods.
        await asyncio.wait_for(_refused_for(whatsapp, 3), PATIENCE_SECONDS)
        assert service.property("MainPID") == process


async def _refused_for(whatsapp: Simulator, times: int) -> None:
    for _ in range(times):
        whatsapp.network.refused.clear()
        await whatsapp.network.refused.wait()


def test_the_sandbox_denies_what_the_bridge_does_not_need(service: Service) -> None:
    unit = service.machine.run("cat", f"/etc/systemd/system/{UNIT}")
    unit = re.sub(
        "(?m)^ExecStart=.*$",
        "ExecStart=/opt/izer-bridge/current/bin/python /opt/test/denied.py",
        unit,
    )
    unit = re.sub("(?m)^(Type|NotifyAccess|WatchdogSec|Restart).*$", "", unit)
    unit = re.sub("(User|StateDirectory)=izer-bridge", r"\1=izer-probe", unit)
    unit = unit.replace(STATE, "/var/lib/izer-probe")
    service.machine.write(_PROBE, unit.replace("[Service]", "[Service]\nType=oneshot"))
    service.machine.write("/root/secret", "x")
    service.machine.write("/home/somebody/secret", "x")
    service.machine.write("/etc/credstore/of-another", "x")
    service.machine.run("chmod", "700", "/etc/credstore")
    service.machine.run("systemctl", "daemon-reload")
    service.start("izer-probe.service")
    said = service.machine.run("journalctl", "-u", "izer-probe", "-o", "cat", "-t", "python")
    assert json.loads(said.strip()) == {}


def test_a_second_account_has_settings_and_state_of_its_own(service: Service) -> None:
    service.machine.write("/etc/izer-bridge/atolye.toml", "[api]\nport = 0\n")
    unit = "izer-bridge@atolye.service"
    service.start(unit)
    assert service.property("ActiveState", unit) == "active"
    backup = json.loads(service.machine.run("izer-bridge", "@atolye", "backup", "--json"))
    assert backup["file"].startswith("/var/lib/izer-bridge-atolye/backups/")
    service.machine.run("systemctl", "stop", unit)
    assert service.property("Result", unit) == "success"
