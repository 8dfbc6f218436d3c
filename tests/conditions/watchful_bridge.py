"""The bridge as the simulator's launcher starts it; it looks often, and minutes are moments."""

import os
import sys
from collections.abc import Sequence

# Of a bridge that shall take a silence of so many seconds for a long one.
SILENT_SECONDS = "WATCHFUL_SILENT_SECONDS"


def watchful(command: Sequence[str]) -> list[str]:
    """What the simulator's `command` starts, with the waits that no setting shortens cut short."""
    interpreter, _, _, *arguments = command
    return [interpreter, "-m", "tests.conditions.watchful_bridge", *arguments]


def _shorten() -> None:
    from datetime import timedelta

    from izer_bridge.conditions import alarm_plan, alarms, health_facts, link_conditions, watch
    from izer_bridge.web import server
    from izer_bridge.whatsapp.client import link

    watch.LOOK_SECONDS = alarms.LOOK_SECONDS = 0.2
    health_facts._DAY_SECONDS = 0.2
    link_conditions.SILENT_SECONDS = float(os.environ.get(SILENT_SECONDS, "600"))
    alarm_plan.SETTLES = timedelta(seconds=0.2)
    alarm_plan.HOLDS = {}
    server._AGAIN_SECONDS = 0.2
    link._SHORTEST_BAN_SECONDS = 0.0


if __name__ == "__main__":
    # Imported here: a process that starts one must not load the client's library.
    from izer_bridge.simulator.launch import launch

    _shorten()
    launch(sys.argv[1:])
