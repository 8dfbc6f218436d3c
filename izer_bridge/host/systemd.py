"""Tells systemd how the service stands (sd_notify), silent where it does not run under systemd;
reads how a unit is defined.
"""

import os
import socket
import subprocess
from collections.abc import Awaitable, Callable

import structlog

from izer_bridge.host.loop import Loop

log = structlog.get_logger(__name__)

_PINGS_A_PERIOD = 3


def notify(**states: str) -> None:
    """Send states such as `READY="1"` or `STATUS="…"`; see sd_notify(3)."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    address = f"\0{path[1:]}" if path.startswith("@") else path
    message = "\n".join(f"{key}={value}" for key, value in states.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.encode(), address)


def definition(unit: str) -> str | None:
    """The unit as it is written, with its drop-ins; None if systemd knows none."""
    try:
        found = subprocess.run(  # noqa: S603 (no shell)
            ["systemctl", "cat", unit],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return found.stdout if found.returncode == 0 else None


async def keep_watchdog(is_moving: Callable[[], Awaitable[bool]]) -> None:
    """Ping the watchdog for ever, as long as the event loop runs and `is_moving` returns true.

    If the loop hangs, nobody pings, and systemd ends the process with SIGABRT and starts a new one.
    Returns at once if no watchdog is set.
    """
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    if not microseconds:
        return

    async def ping() -> bool:
        if await is_moving():
            notify(WATCHDOG="1")
        else:
            log.error("standstill", hint="systemd starts the bridge anew if it lasts")
        return False

    await Loop("watchdog", ping, microseconds / 1_000_000 / _PINGS_A_PERIOD).run()
