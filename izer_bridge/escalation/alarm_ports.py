"""The channels outside WhatsApp for notices about waiting customers and about the bridge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

ESCALATION = "escalation.raised"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A notice. `key` is the same at every attempt, `at` (aware UTC) when it was first due.

    `subject` is one line; `data` is the same for machines, identified by `event`.
    """

    key: str
    at: datetime
    subject: str = field(repr=False)
    text: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    event: str = ESCALATION


class Channel(Protocol):
    """Hands over one alarm per call."""

    async def deliver(self, alarm: Alarm) -> None:
        """Returns when the other side has accepted it.

        Raises TransientError if it certainly has not and may later, PermanentError if it will not,
        MayBeHandedOverError if nobody knows.
        """
        ...
