"""`make fresh`: from a bare Debian 12 to the QR code by the README's commands, each timed."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from asyncio import to_thread
from pathlib import Path

import elftools

from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.bench.machine import described
from tests.systemd import hanging_bridge
from tests.systemd.container import Container, missing
from tests.systemd.service import Service

_TREE = Path(__file__).parents[2]
_DEBIAN = "bookworm"
_REPOSITORY = "/srv/izer-bridge.git"
_COMMANDS = (
    f"apt-get update && apt-get install -y git make && git clone {_REPOSITORY} izer-bridge",
    "make -C izer-bridge install",
)
# How this machine reaches its registries.
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")


def _bare_debian(folder: Path) -> Path:
    """What an installer leaves: systemd and the essential packages."""
    packages = "--include=systemd,systemd-sysv,dbus,ca-certificates"
    command = ["debootstrap", "--variant=minbase", packages, _DEBIAN, str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def _container(folder: Path) -> Container:
    machine = _bare_debian(folder / "debian")
    container = Container(folder / "layers", machine, {"DEBIAN_FRONTEND": "noninteractive"})
    for file in map(Path, _NETWORK):
        if file.exists():
            container.put(str(file.relative_to("/")), file.read_text())
    clone = ["git", "clone", "--quiet", "--bare", str(_TREE)]
    subprocess.run([*clone, str(container.files / _REPOSITORY.lstrip("/"))], check=True)
    launcher = Path(hanging_bridge.__file__)
    container.copy([launcher, Path(elftools.__file__).parent], "/opt/test")
    container.copy([_TREE / "izer_bridge/simulator"], "/opt/test/beside")
    return container


async def _run(folder: Path) -> None:
    container = await to_thread(_container, folder)
    (folder / "whatsapp").mkdir()
    try:
        await to_thread(container.boot)
        async with Simulator(folder / "whatsapp") as whatsapp:
            await to_thread(Service(container).look_for, whatsapp, watchdog_seconds=30)
            began = time.monotonic()
            for command in _COMMANDS:
                started = time.monotonic()
                await to_thread(container.run, "sh", "-c", f"cd && {command}")
                sys.stdout.write(f"{time.monotonic() - started:5.0f} s  {command}\n")
            async with BridgeProcess(container.command("izer-bridge", "link"), {}) as link:
                code = await link.code()
                seconds = time.monotonic() - began
                sys.stdout.write(f"{seconds:5.0f} s  to the code of `izer-bridge link`\n")
                await whatsapp.scan(code)
                await link.ended()
            sys.stdout.write("linked by that code\n")
            size = await to_thread(container.run, "du", "-smL", "/opt/izer-bridge/current")
            sys.stdout.write(f"{size.split()[0]} MB is a release\n")
    finally:
        container.end()


def main() -> None:
    if lacking := missing() or ("" if shutil.which("debootstrap") else "debootstrap is missing"):
        sys.exit(lacking)
    sys.stdout.write(f"{described()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(_run(Path(scratch)))


if __name__ == "__main__":
    main()
