"""Decides when old data is removed; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

# A message that WhatsApp or a webhook may deliver again must still be known, and an outage be over.
FEWEST_DAYS = 7


def cutoffs(days: Mapping[str, int], now: datetime) -> dict[str, datetime]:
    """The times before which data is removed."""
    return {name: now - timedelta(days=count) for name, count in days.items()}


def is_due(last_run: datetime | None, now: datetime, hour: int) -> bool:
    """Whether no run began since the clock last showed `hour`; `now` is in the shop's zone.

    So a server that is off at night removes old data once it is on again.
    """
    latest = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if latest > now:
        latest -= timedelta(days=1)
    return last_run is None or last_run < latest
