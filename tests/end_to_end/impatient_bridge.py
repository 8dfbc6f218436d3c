"""The bridge as the simulator's launcher starts it; it tries as soon as a ban ends."""

import sys

from izer_bridge.simulator.launch import launch
from izer_bridge.whatsapp.client import link

if __name__ == "__main__":
    link._SHORTEST_BAN_SECONDS = 0.0
    launch(sys.argv[1:])
