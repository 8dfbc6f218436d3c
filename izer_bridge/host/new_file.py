"""A file that appears under its name (0600) whole or not at all, and replaces nobody's file."""

import errno
import fcntl
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PART = ".part"
_PRIVATE = 0o600
_NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)


def sweep(folder: Path) -> None:
    """Remove new files left by killed processes, but none that is being written."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    for part in folder.glob(f".*{_PART}"):
        # A link or a pipe of that name is nobody's new file.
        with suppress(OSError):
            descriptor = os.open(part, flags)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()
            finally:
                os.close(descriptor)


class NewFile:
    """`file` is written without a name until `appear`: if killed before, nothing is left.

    The folder is held open: whatever takes its place later is not written to. On a disk without
    nameless files, it is `.NAME.….part` meanwhile. Raises OSError, FileExistsError if the name is
    taken unless it `replaces`. `older` are files beside it that are removed once it is there.
    """

    def __init__(self, path: Path, *, replaces: bool = False) -> None:
        self.path = path
        self._replaces = replaces
        self._is_left = False
        self.older: Sequence[str] = ()
        self._part: str | None = None
        self._folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._refuse_taken()
            self.file = os.fdopen(self._opened(), "w+b")
            # Tells `sweep` that it is not left over, but being written.
            fcntl.flock(self.file, fcntl.LOCK_EX)
        except OSError:
            os.close(self._folder)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def size(self) -> int:
        self.file.flush()
        return os.fstat(self.file.fileno()).st_size

    def leave(self) -> None:
        """Another process gives it its name: here, `appear` only makes sure that all is written."""
        self._is_left = True

    def appear(self) -> None:
        """On disk under its name when this returns."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if self._is_left:
            return
        self._refuse_taken()
        if self._part is None:
            self._part = self._new_part()
            self._link(self._part)
        os.rename(self._part, self.path.name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._part = None
        os.fsync(self._folder)
        for name in self.older:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._folder)

    def close(self) -> None:
        self.file.close()
        if self._part is not None and not self._is_left:
            os.unlink(self._part, dir_fd=self._folder)
        os.close(self._folder)

    def _refuse_taken(self) -> None:
        if self._replaces:
            return
        try:
            os.stat(self.path.name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return
        raise FileExistsError(errno.EEXIST, "it is there already", str(self.path))

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CLOEXEC
        try:
            return os.open(".", flags | os.O_TMPFILE, _PRIVATE, dir_fd=self._folder)
        except OSError as error:
            if error.errno not in _NO_NAMELESS:
                raise
        self._part = self._new_part()
        return os.open(self._part, flags | os.O_CREAT | os.O_EXCL, _PRIVATE, dir_fd=self._folder)

    def _new_part(self) -> str:
        return f".{self.path.name}.{secrets.token_hex(4)}{_PART}"

    def _link(self, name: str) -> None:
        nameless = f"/proc/self/fd/{self.file.fileno()}"
        os.link(nameless, name, dst_dir_fd=self._folder, follow_symlinks=True)
