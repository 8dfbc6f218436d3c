"""A worker whose leases end half a second after its calls, so that another soon takes over."""

import sys

from izer_bridge.__main__ import main
from izer_bridge.wiring import work

if __name__ == "__main__":
    work._LEASE_SPARE_SECONDS = 0.5
    main(sys.argv[1:])
