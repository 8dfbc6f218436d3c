"""One event as the inbox stores it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One raw event as the client library gave it. `code` is the library's event number."""

    sequence: int
    code: int
    payload: bytes
    received_at: datetime
