"""A file that arrives piece by piece: what may be wrong with it, and its receiver's interface."""

from typing import Protocol

from izer_bridge.domain.errors import PermanentError


class TooLargeError(PermanentError):
    """The file is larger than allowed."""


class Sink(Protocol):
    """Takes a file piece by piece. Raises TransientError if the disk refuses."""

    async def write(self, data: bytes) -> None: ...
