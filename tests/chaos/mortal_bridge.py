"""A bridge that dies at a boundary: `mortal_bridge ROOT_KEY BOUNDARY COUNT ARGUMENTS…`."""

import sys

from izer_bridge.__main__ import main
from izer_bridge.simulator.trust import trust
from tests.chaos.boundaries import die_at

if __name__ == "__main__":
    trust(bytes.fromhex(sys.argv[1]))
    die_at(sys.argv[2], int(sys.argv[3]))
    main(sys.argv[4:])
