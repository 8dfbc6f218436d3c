"""The units are valid, as restricted as documented, and all equally so."""

import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

UNITS = Path(__file__).parent.parent / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
BRIDGE = UNITS / "izer-bridge.service"
_MOST_EXPOSED = 1.1
_PROTECTING = re.compile(
    r"^(?:AmbientC|CapabilityB|Dynamic|IPAddress|Limit|Lock|MemoryDeny|NoNew|Private|Proc|Protect|Remove|"
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
@pytest.mark.attack("what the service may do: exposure at most 1.1")
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


@pytest.mark.attack("the service reaches no cloud's metadata and no link-local neighbour")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "fe80::1"]
)
def test_the_metadata_of_clouds_is_out_of_reach(unit: Path, address: str) -> None:
    found = re.search(r"^IPAddressDeny=(.*)$", unit.read_text(), flags=re.M)
    assert found is not None
    assert any(ip_address(address) in ip_network(one) for one in found[1].split())


@pytest.mark.attack("the service cannot raise its limits")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_limits_are_hard(unit: Path) -> None:
    text = unit.read_text()
    limits = dict(re.findall(r"^(Limit\w+)=(\S+)$", text, flags=re.M))
    assert limits.keys() >= {"LimitCORE", "LimitNOFILE"}
    assert all(limit.isdigit() for limit in limits.values())
    assert re.search(r"^CapabilityBoundingSet=$", text, flags=re.M)


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
    assert service["RestartPreventExitStatus"] == "2 78"
    assert int(service["WatchdogSec"]) > 0
    assert "PYTHONFAULTHANDLER=1" in service["Environment"]
