"""The bridge as the simulator's launcher starts it; SIGUSR2 blocks its event loop for ever."""

import signal
import sys
import threading
from pathlib import Path

import izer_bridge

# An installation contains no simulator; a copy of it lies beside this file.
izer_bridge.__path__.append(str(Path(__file__).with_name("beside")))

from izer_bridge.simulator.launch import launch  # noqa: E402


def hang(*_: object) -> None:
    threading.Event().wait()


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, hang)
    launch(sys.argv[1:])
