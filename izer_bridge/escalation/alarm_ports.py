"""The ways out of WhatsApp by which somebody is told: of a customer who waits, of the bridge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

ESCALATION = "escalation.raised"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is told. `key` is the same at every try, `at` (aware UTC) when it was first due.

    `subject` is one line; `data` is the same for machines, which know it by `event`.
    """

    key: str
    at: datetime
    subject: str = field(repr=False)
    text: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    event: str = ESCALATION


class Channel(Protocol):
    """Hands an alarm over, once a call."""

    async def deliver(self, alarm: Alarm) -> None:
        """Returns when the other side has taken it.

        Raises TransientError when it surely has not and may later, PermanentError when it will
        not, MayBeHandedOverError when nobody knows.
        """
        ...
