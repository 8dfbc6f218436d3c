"""A machine as Debian's installer leaves it: systemd, and a user who may use sudo."""

import subprocess
from pathlib import Path

import elftools

from tests.systemd import hanging_bridge
from tests.systemd.container import Container

USER = "shop"
REPOSITORY = "/srv/izer-bridge.git"
_TREE = Path(__file__).parents[2]
_PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,sudo"
# How this machine reaches its registries.
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")


def bare_debian(folder: Path, release: str) -> Container:
    """Not booted yet; the repository lies in it as if it were elsewhere."""
    machine = folder / "debian"
    bootstrap = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", release]
    _run(*bootstrap, str(machine))
    _run("chroot", str(machine), "useradd", "-m", "-s", "/bin/bash", USER)
    container = Container(folder / "layers", machine, {})
    container.put(f"etc/sudoers.d/{USER}", f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
    container.put("etc/gitconfig", f"[safe]\ndirectory = {REPOSITORY}\n")
    for file in map(Path, _NETWORK):
        if file.exists():
            container.put(str(file.relative_to("/")), file.read_text())
    _run("git", "clone", "--quiet", "--bare", str(_TREE), f"{container.files}{REPOSITORY}")
    container.copy([Path(hanging_bridge.__file__), Path(elftools.__file__).parent], "/opt/test")
    container.copy([_TREE / "izer_bridge/simulator"], "/opt/test/beside")
    return container


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
