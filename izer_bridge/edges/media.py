"""Files that came with messages, on this machine's disk under the hash of their content.

Names and types that a sender chose are never used; the content says what a file is.
"""

import asyncio
import hashlib
import os
import secrets
from pathlib import Path

from izer_bridge.edges.libmagic import magic
from izer_bridge.model.errors import PermanentError, TransientError
from izer_bridge.model.media import extension_of
from izer_bridge.pipeline.ports import KeptFile

FOLDER = "media"
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700


class MediaFiles:
    """Keeps files as `media/<aa>/<sha256>.<ext>` under the state directory, each content once."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

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
            _write_once(self._state_dir / path, data)
        except OSError as error:
            raise TransientError(f"the file cannot be written: {error.strerror}") from None
        return KeptFile(path=str(path), sha256=digest, mimetype=mimetype, size=len(data))


def _write_once(path: Path, data: bytes) -> None:
    """The whole file under its name or nothing, also after a power cut."""
    if path.exists():
        return
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
