"""A backup that was made."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """One file: when it was made (aware UTC), and its size in bytes."""

    made_at: datetime
    size: int
