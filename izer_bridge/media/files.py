"""Keeps messages' files on this machine's disk under the hash of their content.

Names and types chosen by a sender are never used; the content says what a file is.
"""

import asyncio
import hashlib
import os
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.host.libmagic import magic
from izer_bridge.media.decide import extension_of
from izer_bridge.media.ports import KeptFile

FOLDER = "media"
_UNFINISHED = "unfinished"
# The part of a file that reveals its type.
_TELLING = 1024 * 1024
_UNTOUCHED_SECONDS = 86_400
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700


class MediaFiles:
    """Keeps files as `media/<aa>/<sha256>.<ext>` under the state directory, each content once."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._lock = threading.Lock()

    @asynccontextmanager
    async def begun(self) -> AsyncIterator["NewMediaFile"]:
        """A file that is about to arrive. Raises TransientError if the disk refuses."""
        new = NewMediaFile(self._state_dir, self._is_there)
        try:
            yield new
        finally:
            await asyncio.to_thread(new.discard)

    async def keep(self, data: bytes) -> KeptFile:
        """On disk with mode 0600 when this returns. Raises TransientError if the disk refuses."""
        async with self.begun() as new:
            await new.write(data)
            return await new.kept()

    async def read(self, path: str) -> bytes:
        """Read what `keep` wrote. Raises PermanentError if it is no longer there."""
        try:
            return await asyncio.to_thread((self._state_dir / path).read_bytes)
        except OSError as error:
            raise PermanentError(f"the file cannot be read: {error.strerror}") from None

    async def place(self, path: str) -> Path:
        """Where it lies. Raises PermanentError if it is no longer there."""
        place = self._state_dir / path
        if await asyncio.to_thread(lambda: place.is_symlink() or not place.is_file()):
            raise PermanentError("the file is no longer there")
        return place

    def _is_there(self, path: Path) -> bool:
        """Touches it: its caller is about to refer to it, and `remove` must wait."""
        with self._lock:
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    async def untouched(self) -> Sequence[str]:
        """Paths of files that nobody has kept within the last day, including unfinished ones."""
        return await asyncio.to_thread(self._untouched)

    async def remove(self, paths: Sequence[str]) -> int:
        """Remove those of these files that are still untouched; how many."""
        return await asyncio.to_thread(self._remove, paths)

    def _untouched(self) -> Sequence[str]:
        found = (self._state_dir / FOLDER).glob("*/*")
        return [str(one.relative_to(self._state_dir)) for one in found if _is_untouched(one)]

    def _remove(self, paths: Sequence[str]) -> int:
        count = 0
        for path in (self._state_dir / one for one in paths):
            with self._lock:
                if _is_untouched(path):
                    path.unlink()
                    count += 1
        return count


def _is_untouched(path: Path) -> bool:
    try:
        return path.stat().st_mtime < time.time() - _UNTOUCHED_SECONDS
    except FileNotFoundError:
        return False


class NewMediaFile:
    """Arrives under a temporary name; ends as the whole file under its hash, or as nothing."""

    def __init__(self, state_dir: Path, is_there: Callable[[Path], bool]) -> None:
        self._state_dir = state_dir
        self._is_there = is_there
        self._path = state_dir / FOLDER / _UNFINISHED / f".{secrets.token_hex(8)}"
        self._descriptor: int | None = None
        self._digest = hashlib.sha256()
        self._size = 0
        # A thread goes on writing even when nobody waits for it any longer.
        self._lock = threading.Lock()
        self._is_discarded = False

    async def write(self, data: bytes) -> None:
        """Raises TransientError if the disk refuses."""
        await asyncio.to_thread(self._write, data)

    async def kept(self) -> KeptFile:
        """On disk with mode 0600 when this returns. Raises TransientError if the disk refuses."""
        return await asyncio.to_thread(self._kept)

    async def found_type(self) -> str:
        """What it is, by what has arrived so far. Raises TransientError if the disk refuses."""
        return await asyncio.to_thread(self._found_type)

    @property
    def unfinished(self) -> Path:
        """Where it lies until it is kept."""
        return self._path

    def discard(self) -> None:
        """Delete whatever of it was not kept."""
        with self._lock:
            self._is_discarded = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
                self._path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        with self._lock, _disk():
            descriptor, left = self._opened(), memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        self._digest.update(data)
        self._size += len(data)

    def _kept(self) -> KeptFile:
        with self._lock, _disk():
            descriptor = self._opened()
            os.fsync(descriptor)
            mimetype = _type_in(descriptor)
            digest = self._digest.hexdigest()
            path = Path(FOLDER, digest[:2], f"{digest}.{extension_of(mimetype)}")
            if not self._is_there(self._state_dir / path):
                self._rename(self._state_dir / path)
        return KeptFile(path=str(path), sha256=digest, mimetype=mimetype, size=self._size)

    def _found_type(self) -> str:
        with self._lock, _disk():
            return _type_in(self._opened())

    def _opened(self) -> int:
        if self._is_discarded:
            raise TransientError("nobody waits for this file any more")
        if self._descriptor is None:
            for folder in (self._path.parent.parent, self._path.parent):
                folder.mkdir(exist_ok=True, mode=_PRIVATE_FOLDER)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE)
        return self._descriptor

    def _rename(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True, mode=_PRIVATE_FOLDER)
        self._path.rename(path)
        for folder in (path.parent, path.parent.parent, self._state_dir):
            _sync(folder)


def _type_in(descriptor: int) -> str:
    found: str = magic.from_buffer(os.pread(descriptor, _TELLING, 0), mime=True)
    return found


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransientError(f"the file cannot be written: {error.strerror}") from None


def _sync(folder: Path) -> None:
    """Make names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
