"""What bringing events to their targets needs of the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that this process has leased to bring to a target; `payload` is sent as it is."""

    row_id: int
    lease: str
    event_id: str
    attempts: int
    type: str
    payload: str


class DeliveryLedger(Protocol):
    """What is on its way. Every write is idempotent; all raise TransientError when it is away."""

    async def claim(self, target: str, limit: int, lease_seconds: float) -> Sequence[Delivery]: ...

    async def delivered(self, one: Delivery) -> None: ...

    async def postpone(self, one: Delivery, until: datetime, error: str) -> None: ...

    async def bury(self, one: Delivery, error: str) -> None: ...

    async def shut(self, target: str, one: Delivery, reason: str) -> None: ...


class EventTarget(Protocol):
    """Takes an event. Raises TransientError, and GoneError when it wants nothing more.

    `timeout_seconds` bounds each call.
    """

    @property
    def timeout_seconds(self) -> float: ...

    async def send(self, event_id: str, payload: str) -> None: ...
