"""What the counts need from the daemon."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class StatsSource(Protocol):
    """Counts over the last 24 hours, as a dataclass whose fields become the answer's keys.

    It has at least `total_messages`, `processed_messages` and `pending_messages`. Raises
    TransientError if the store is away.
    """

    async def stats(self) -> "DataclassInstance": ...
