"""Tells systemd how the service stands (sd_notify); silent where it does not run under systemd."""

import os
import socket


def notify(**states: str) -> None:
    """Send states such as `READY="1"` or `STATUS="…"`; see sd_notify(3)."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    address = f"\0{path[1:]}" if path.startswith("@") else path
    message = "\n".join(f"{key}={value}" for key, value in states.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.encode(), address)
