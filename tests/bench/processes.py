"""Processor time and memory of a program and all its child processes, of every thread."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(group: int) -> float:
    """Of all processes of a group, and of those that they have waited for."""
    return sum(sum(map(int, fields[11:15])) for _, fields in _of(group)) / _TICKS


def pss_mib(group: int) -> float:
    """Its memory: shared pages count for each process in part."""
    return sum(_pss_kib(pid) for pid, _ in _of(group)) / 1024


def _of(group: int) -> Iterator[tuple[str, list[str]]]:
    """Each process of the group with what /proc/…/stat says after its name."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            yield path.parent.name, fields


def _pss_kib(pid: str) -> int:
    """Zero for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
