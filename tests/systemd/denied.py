"""Tries what the service must not do, and what it must: one line of JSON, name to outcome."""

import ctypes
import json
import mmap
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

_PTRACE_ATTACH, _NEW_USER, _BASE = 16, 0x10000000, 0x1000
_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def _write(path: str) -> Callable[[], object]:
    return lambda: Path(path).write_text("x")


def _read(path: str) -> Callable[[], object]:
    return lambda: Path(path).read_bytes()


def _list(path: str) -> Callable[[], object]:
    def look() -> None:
        if not os.listdir(path):
            raise PermissionError(f"{path} looks empty")

    return look


def _socket(family: int, kind: int) -> Callable[[], object]:
    return lambda: socket.socket(family, kind).close()


def _executable_memory() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _set_user_bit() -> None:
    Path("mine").touch()
    os.chmod("mine", 0o4755)  # noqa: S103


def _connect() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname()).close()


def _raise_limit() -> None:
    resource.prlimit(0, resource.RLIMIT_NOFILE, (8192, 8192))


DENIED: dict[str, Callable[[], object]] = {
    "write /etc": _write("/etc/izer-test"),
    "write the program": _write("/opt/izer-bridge/current/izer-test"),
    "write another state": _write("/var/lib/izer-test"),
    "write /home": _write("/home/izer-test"),
    "list /home": _list("/home"),
    "read /root": _read("/root/secret"),
    "read the settings' file": _read("/etc/izer-bridge/config.toml"),
    "read all keys": _list("/etc/credstore"),
    "read /etc/shadow": _read("/etc/shadow"),
    "see other processes": _read("/proc/1/cmdline"),
    "read the kernel's log": _read("/dev/kmsg"),
    "read a disk": _read("/dev/vda"),
    "signal process 1": lambda: os.kill(1, 0),
    "trace a process": lambda: _call("ptrace", _PTRACE_ATTACH, os.getppid(), 0, 0),
    "raw socket": _socket(socket.AF_INET, socket.SOCK_RAW),
    "packet socket": _socket(socket.AF_PACKET, socket.SOCK_RAW),
    "netlink socket": _socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "become root": lambda: os.setuid(0),
    "change root": lambda: os.chroot("/"),
    "mount": lambda: _call("mount", b"none", b"/mnt", b"tmpfs", 0, None),
    "new user namespace": lambda: _call("unshare", _NEW_USER),
    "executable memory": _executable_memory,
    "set-user-id file": _set_user_bit,
    "personality": lambda: _call("personality", _BASE),
    "raise a limit": _raise_limit,
    "reboot": lambda: _call("reboot", 0),
}
ALLOWED: dict[str, Callable[[], object]] = {
    "write its state": _write("izer-test"),
    "read its credential": lambda: Path(
        os.environ["CREDENTIALS_DIRECTORY"], "config.toml"
    ).read_text(),
    "connect": _connect,
    "call back from C": lambda: ctypes.CFUNCTYPE(None)(lambda: None)(),
}


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except (OSError, PermissionError) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    wrong = {name: "possible" for name, attempt in DENIED.items() if not outcome(attempt)}
    wrong |= {name: said for name, attempt in ALLOWED.items() if (said := outcome(attempt))}
    sys.stdout.write(json.dumps(wrong) + "\n")
