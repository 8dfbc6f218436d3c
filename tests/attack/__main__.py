"""Run every check of what must stay shut, long ones included, and print the result."""

import os
import sys
from collections import Counter

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.attack.areas import AREAS, area_of

_HELD, _FAILED, _SKIPPED = "held", "FAILED", "not tried"


class Report:
    """The result of each case, by its area and its mark's name."""

    def __init__(self) -> None:
        self.by_case: dict[tuple[str, str], Counter[str]] = {}
        self._cases: dict[str, tuple[str, str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            mark = item.get_closest_marker("attack")
            name = item.name if mark is None else str(mark.args[0])
            self._cases[item.nodeid] = case = (area_of(item.nodeid), name)
            self.by_case.setdefault(case, Counter())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        case = self._cases.get(report.nodeid)
        if case is None or (report.passed and report.when != "call"):
            return
        outcome = {"passed": _HELD, "failed": _FAILED}.get(report.outcome, _SKIPPED)
        self.by_case[case][outcome] += 1


def verdict(outcomes: Counter[str]) -> str:
    """A failed case outweighs all that held."""
    return next((one for one in (_FAILED, _HELD) if outcomes[one]), _SKIPPED)


def table(report: Report) -> Table:
    order = list(AREAS)
    shown = Table("area", "case", "tried", "verdict")
    for (area, name), outcomes in sorted(
        report.by_case.items(), key=lambda case: (order.index(case[0][0]), case[0][1])
    ):
        what = verdict(outcomes)
        style = "" if what == _HELD else "bold red" if what == _FAILED else "yellow"
        shown.add_row(area, Text(name), str(outcomes[_HELD] + outcomes[_FAILED]), Text(what, style))
    return shown


def main(arguments: list[str]) -> int:
    os.environ["ATTACK_ALL"] = "1"
    report = Report()
    chosen = ["tests", "-m", "attack or long", "-n", "0", "-q", *arguments]
    code = pytest.main(chosen, plugins=[report])
    Console(width=130).print(table(report))
    held = [name for name, outcomes in report.by_case.items() if verdict(outcomes) == _HELD]
    sys.stdout.write(f"{len(held)} of {len(report.by_case)} held\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
