"""What keeping media and putting them into words need from the outside."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.download import Sink
from izer_bridge.domain.message import Kind
from izer_bridge.media.decide import MediaState


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A downloaded file: `path` under the state directory, `size` in bytes, its detected type."""

    path: str
    sha256: str
    mimetype: str
    size: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A medium with work left: to be downloaded or, if its file is here, put into words.

    `declared_size` is what the sender said, in bytes; `attempts` counts this step's failures.
    """

    row_id: int
    message_row_id: int
    kind: Kind
    declared_size: int
    attempts: int
    source: bytes
    file: KeptFile | None = None


class MediaLedger(Protocol):
    """The store's media rows. Every write is idempotent and releases the message.

    All methods raise TransientError if the store is away.
    """

    async def due(self, account: str | None, limit: int) -> Sequence[Attachment]:
        """Media to download for this account, and files here to be put into words."""
        ...

    async def kept(self, one: Attachment, file: KeptFile, *, is_worded_next: bool) -> None: ...

    async def worded(self, one: Attachment, words: str) -> None: ...

    async def postpone(self, one: Attachment, until: datetime, error: str) -> None: ...

    async def end(self, one: Attachment, state: MediaState, error: str | None) -> None: ...


class MediaSource(Protocol):
    """Downloads a file. Raises TransientError, PermanentError or TooLargeError."""

    async def fetch(self, source: bytes, into: Sink, most_bytes: int) -> None: ...


class MediaSink(Sink, Protocol):
    """Receives a file; nothing is left of it unless it is `kept`."""

    async def kept(self) -> KeptFile: ...


class FileStore(Protocol):
    """Keeps files for good. Raises TransientError or PermanentError."""

    def begun(self) -> AbstractAsyncContextManager[MediaSink]: ...

    async def read(self, path: str) -> bytes: ...


class PostedFiles(Protocol):
    """Keeps files that are here as a whole. Raises TransientError if the disk refuses."""

    async def keep(self, data: bytes) -> KeptFile: ...


class MediaDescriber(Protocol):
    """Puts a file into words. Raises TransientError or PermanentError."""

    async def write(self, data: bytes, mimetype: str) -> str: ...
