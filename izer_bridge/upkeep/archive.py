"""A backup as one file: a tar of known files, starting with a manifest of their hashes."""

import gzip
import hashlib
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from izer_bridge.domain.errors import UsageError

FORMAT = 1
SETTINGS_FILE = "settings.json"
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 64 * 1024 * 1024
_PIECE = 1024 * 1024
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
_UNREADABLE = (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError)
# Nothing else is ever unpacked, wherever a file comes from.
_ALLOWED = re.compile(
    r"(settings\.json|bridge\.db|database\.sql|session\.db|inbox\.db"
    r"|media/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{1,10})"
)


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file: its path in the backup, its size, and its SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`schema` is the version of the saved store's tables, None if no store was saved."""

    format: int
    version: str
    created_at: str
    schema: str | None
    files: tuple[ArchivedFile, ...]

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.files}


def manifest_of(
    folder: Path, names: Sequence[str], *, version: str, created_at: str, schema: str | None
) -> Manifest:
    """The manifest of the named files in `folder`. Raises OSError."""
    files = tuple(_packed(folder, name) for name in names)
    return Manifest(FORMAT, version, created_at, schema, files)


def pack(file: IO[bytes], folder: Path, manifest: Manifest) -> None:
    """Write the backup. Raises OSError."""
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
        about = json.dumps(asdict(manifest), indent=1).encode()
        head = tarfile.TarInfo(_MANIFEST)
        head.size, head.mode = len(about), 0o600
        tar.addfile(head, BytesIO(about))
        for one in manifest.files:
            entry = tarfile.TarInfo(one.name)
            entry.size, entry.mode = one.bytes, 0o600
            with (folder / one.name).open("rb") as content:
                tar.addfile(entry, content)


def unpack(file: IO[bytes], folder: Path, called: str) -> Manifest:
    """Unpack a backup's files into `folder` and compare each with its size and hash.

    At most the bytes that the manifest declares are unpacked. Raises UsageError if it is not a
    backup, is damaged, or does not fit here; OSError if the disk refuses.
    """
    try:
        with gzip.GzipFile(fileobj=file) as plain:
            bounded = _Bounded(plain)
            with tarfile.open(fileobj=cast(IO[bytes], bounded), mode="r:") as tar:
                entries = iter(tar)
                manifest = _read_manifest(tar, next(entries, None))
                expected = {one.name: one for one in manifest.files}
                bounded.most = _room_for(manifest, folder)
                for entry in entries:
                    _unpack_one(tar, entry, expected.pop(entry.name, None), folder)
    except _UNREADABLE as error:
        raise UsageError(f"{called} is no backup, or it is damaged: {error}") from None
    except OSError as error:
        if error.errno is None:  # gzip's own way to say that this is not a gzip file
            raise UsageError(f"{called} is no backup, or it is damaged") from None
        raise
    if expected:
        raise UsageError(f"{called} is damaged: {', '.join(expected)} is missing")
    return manifest


class _Bounded:
    """The stream that a tar is read from: a few bytes may unpack to more than the disk holds."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self.most = _LARGEST_MANIFEST + _PIECE
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_MANIFEST or self._file.tell() + size > self.most:
            raise ValueError("it unpacks to more than its manifest says")
        return self._file.read(size)

    def seek(self, position: int) -> int:
        if position > self.most:
            raise ValueError("it unpacks to more than its manifest says")
        return self._file.seek(position)


def _room_for(manifest: Manifest, folder: Path) -> int:
    """How far the tar may be read. Raises ValueError if the disk has no room for its files."""
    sizes = [one.bytes for one in manifest.files]
    if any(not isinstance(size, int) or size < 0 for size in sizes):
        raise ValueError("its manifest names a size that is none")
    free = shutil.disk_usage(folder).free
    if sum(sizes) > free:
        raise ValueError(f"it unpacks to {sum(sizes)} bytes, and {free} are free where it would go")
    blocks = (2 * tarfile.BLOCKSIZE + size for size in sizes)
    return _LARGEST_MANIFEST + sum(blocks) + 2 * tarfile.RECORDSIZE


def _read_manifest(tar: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Manifest:
    if entry is None or entry.name != _MANIFEST or entry.size > _LARGEST_MANIFEST:
        raise ValueError("it does not begin with its manifest")
    content = tar.extractfile(entry)
    said = json.loads(content.read() if content else b"")
    if said["format"] != FORMAT:
        raise ValueError(f"it has format {said['format']}, and this version reads {FORMAT}")
    files = tuple(ArchivedFile(**one) for one in said.pop("files"))
    return Manifest(**said, files=files)


def _unpack_one(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, packed: ArchivedFile | None, folder: Path
) -> None:
    content = tar.extractfile(entry) if entry.type in _PLAIN else None
    if packed is None or content is None or not _ALLOWED.fullmatch(entry.name):
        raise ValueError(f"{entry.name!r} does not belong into a backup")
    if entry.size != packed.bytes:
        raise ValueError(f"{entry.name} has {entry.size} bytes; its manifest says {packed.bytes}")
    path = folder / entry.name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != packed.sha256:
        raise ValueError(f"{entry.name} is not what was saved")


def _packed(folder: Path, name: str) -> ArchivedFile:
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ArchivedFile(name, path.stat().st_size, digest)
