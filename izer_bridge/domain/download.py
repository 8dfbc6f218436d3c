"""A file that comes piece by piece: what may be wrong with it, and who takes it."""

from typing import Protocol

from izer_bridge.domain.errors import PermanentError


class TooLargeError(PermanentError):
    """More of a file comes than may."""


class Sink(Protocol):
    """Takes a file piece by piece. Raises TransientError when the disk refuses."""

    async def write(self, data: bytes) -> None: ...
