"""How much of each room the tests run, after `make coverage`; fails on an unexplained shortfall."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
WANTED = 90.0
# Why a room is below the target. A reason that is no longer needed must be removed.
REASONS: dict[str, str] = {}


def by_room(report: dict[str, dict[str, dict[str, int]]]) -> dict[str, float]:
    """From coverage's own JSON report: the percentage of lines and branches, by folder."""
    ran, all_there = Counter[str](), Counter[str]()
    for name, counted in report.items():
        room = name.removeprefix("izer_bridge/").partition("/")[0]
        summary = counted["summary"]
        ran[room] += summary["covered_lines"] + summary["covered_branches"]
        all_there[room] += summary["num_statements"] + summary["num_branches"]
    return {room: 100 * ran[room] / count for room, count in sorted(all_there.items()) if count}


def unexplained(rooms: dict[str, float], reasons: dict[str, str]) -> list[str]:
    """Rooms that lack a reason, and reasons that nothing needs."""
    low = {room for room, percentage in rooms.items() if percentage < WANTED}
    return sorted(low ^ reasons.keys())


def main() -> int:
    told = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    rooms = by_room(json.loads(told.stdout)["files"])
    table = Table("room", "run", "why not more", box=None)
    for room, percentage in rooms.items():
        table.add_row(room, f"{percentage:.1f} %", REASONS.get(room, ""))
    console = Console(width=100)
    console.print(table)
    if wrong := unexplained(rooms, REASONS):
        console.print(
            f"under {WANTED:.0f} % without a reason, or over it with one: {', '.join(wrong)}"
        )
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main())
