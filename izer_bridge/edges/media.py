"""Files that came with messages, on this machine's disk under the hash of their content.

Names and types that a sender chose are never used; the content says what a file is.
"""

import asyncio
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from izer_bridge.edges.libmagic import magic
from izer_bridge.model.errors import PermanentError, TransientError
from izer_bridge.model.media import extension_of
from izer_bridge.pipeline.media_ports import KeptFile

FOLDER = "media"
_UNTOUCHED_SECONDS = 86_400
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700


class MediaFiles:
    """Keeps files as `media/<aa>/<sha256>.<ext>` under the state directory, each content once."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._lock = threading.Lock()

    async def keep(self, data: bytes) -> KeptFile:
        """On the disk with mode 0600 when this returns. Raises TransientError when it refuses."""
        return await asyncio.to_thread(self._keep, data)

    async def read(self, path: str) -> bytes:
        """What `keep` wrote. Raises PermanentError when it is not there any more."""
        try:
            return await asyncio.to_thread((self._state_dir / path).read_bytes)
        except OSError as error:
            raise PermanentError(f"the file cannot be read: {error.strerror}") from None

    def _keep(self, data: bytes) -> KeptFile:
        digest = hashlib.sha256(data).hexdigest()
        mimetype = magic.from_buffer(data, mime=True)
        path = Path(FOLDER, digest[:2], f"{digest}.{extension_of(mimetype)}")
        try:
            if not self._is_there(self._state_dir / path):
                _write(self._state_dir / path, data)
        except OSError as error:
            raise TransientError(f"the file cannot be written: {error.strerror}") from None
        return KeptFile(path=str(path), sha256=digest, mimetype=mimetype, size=len(data))

    def _is_there(self, path: Path) -> bool:
        """Touches it: whoever keeps a file is about to refer to it, and `remove` must wait."""
        with self._lock:
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    async def untouched(self) -> Sequence[str]:
        """Paths of files that nobody has kept within the last day, unfinished ones too."""
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


def _write(path: Path, data: bytes) -> None:
    """The whole file under its name or nothing, also after a power cut."""
    folders = (path.parent.parent, path.parent)
    for folder in folders:
        folder.mkdir(exist_ok=True, mode=_PRIVATE_FOLDER)
    unfinished = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    for folder in (*folders, folders[0].parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Let names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
