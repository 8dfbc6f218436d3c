"""What removing the old needs of the outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Removals(Protocol):
    """Removes rows that are old, a batch at a time. All raise TransientError while it is away."""

    async def last_run(self) -> datetime | None: ...

    async def begin(self, cutoffs: Mapping[str, datetime], at: datetime) -> list[str]: ...

    async def remove_some(
        self, table: str, cutoffs: Mapping[str, datetime], began_at: datetime, after: Any
    ) -> tuple[int, Any]: ...

    async def end(self, began_at: datetime, now: datetime, removed: Mapping[str, int]) -> None: ...

    async def referred_to(self, paths: Sequence[str]) -> set[str]: ...


class OldFiles(Protocol):
    """Files of media on this machine, by their paths in the store."""

    async def untouched(self) -> Sequence[str]:
        """Those that nobody has kept anew within the last day."""
        ...

    async def remove(self, paths: Sequence[str]) -> int:
        """Remove those of them that are still untouched; how many."""
        ...
