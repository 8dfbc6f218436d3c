"""How much room the disks have; apart from the rest, which loads the client."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from izer_bridge.conditions.facts import DiskSpace
from izer_bridge.domain.errors import TransientError


def disk_space(places: Sequence[Path]) -> tuple[DiskSpace, ...]:
    """For each place that exists. Raises TransientError."""
    try:
        found = [(place, shutil.disk_usage(place)) for place in places if place.is_dir()]
    except OSError as error:
        raise TransientError(f"a disk cannot be asked: {error.strerror}") from None
    return tuple(DiskSpace(str(place), usage.free, usage.total) for place, usage in found)
