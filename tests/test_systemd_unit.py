"""The units are valid, as closed as they are said to be, and all equally so."""

import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

UNITS = Path(__file__).parent.parent / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
BRIDGE = UNITS / "izer-bridge.service"
_MOST_EXPOSED = 1.1
_PROTECTING = re.compile(
    r"^(?:AmbientC|CapabilityB|Dynamic|Limit|Lock|MemoryDeny|NoNew|Private|Proc|Protect|Remove|"
    r"Restrict|StateDirectoryMode|SystemCall|UMask)\w*=.*$",
    flags=re.M,
)

analysed = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@analysed
def test_the_units_are_valid(tmp_path: Path) -> None:
    """`verify` wants ExecStart to exist, so the installed path is replaced by one that does."""
    for unit in UNITS.iterdir():
        text = re.sub(
            r"^ExecStart=\S+", f"ExecStart={sys.executable}", unit.read_text(), flags=re.M
        )
        (tmp_path / unit.name.replace("@.", "@x.")).write_text(text)
    copies = sorted(map(str, tmp_path.iterdir()))
    result = subprocess.run(
        ["systemd-analyze", "verify", *copies], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


@analysed
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_units_are_hardened(unit: Path) -> None:
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", result.stdout)
    assert found is not None
    assert float(found[1]) <= _MOST_EXPOSED


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_units_are_equally_closed(unit: Path) -> None:
    assert _PROTECTING.findall(unit.read_text()) == _PROTECTING.findall(BRIDGE.read_text())


@pytest.mark.parametrize("name", ["izer-bridge", "izer-bridge-backup"])
def test_a_second_account_differs_by_its_name_alone(name: str) -> None:
    first = (UNITS / f"{name}.service").read_text()
    second = (UNITS / f"{name}@.service").read_text()
    for place in ("/var/lib/izer-bridge", "User=izer-bridge", "StateDirectory=izer-bridge"):
        first = first.replace(place, f"{place}-%i")
    first = first.replace("/etc/izer-bridge/config.toml", "/etc/izer-bridge/%i.toml")
    assert first.partition("[Service]")[2] == second.partition("[Service]")[2]


def test_a_hang_is_answered_and_a_wrong_setting_is_not() -> None:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(BRIDGE)
    service = unit["Service"]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    assert service["RestartPreventExitStatus"] == "78"
    assert int(service["WatchdogSec"]) > 0
    assert "PYTHONFAULTHANDLER=1" in service["Environment"]
