"""The bridge as the simulator's launcher starts it, but with short waits."""

import sys
from collections.abc import Sequence


def impatient(command: Sequence[str]) -> list[str]:
    """Starts the simulator's `command`, shortening waits that no setting shortens."""
    interpreter, _, _, *arguments = command
    return [interpreter, "-m", "tests.end_to_end.impatient_bridge", *arguments]


if __name__ == "__main__":
    # Imported here: a process that starts one must not load the client's library.
    from izer_bridge.analysis import reanalyse
    from izer_bridge.simulator.launch import launch
    from izer_bridge.whatsapp.client import link

    link._SHORTEST_BAN_SECONDS = 0.0
    reanalyse._LOOK_SECONDS = 1.0
    launch(sys.argv[1:])
