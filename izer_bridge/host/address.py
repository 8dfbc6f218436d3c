"""This machine's address on its own network."""

import socket

# Of the block for documentation: nothing is sent to it, the kernel only says which way it would go.
_ELSEWHERE = ("192.0.2.1", 9)


def own_address() -> str:
    """The address by which other devices of the network reach this machine; else loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
