"""The bridge as the simulator's launcher starts it; SIGUSR2 blocks its event loop for ever."""

import signal
import sys
import threading

from izer_bridge.simulator.launch import launch


def hang(*_: object) -> None:
    threading.Event().wait()


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, hang)
    launch(sys.argv[1:])
