"""A backup as one file: a tar of known files behind a manifest with their hashes."""

import hashlib
import json
import os
import re
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from izer_bridge.model.errors import ConfigError

FORMAT = 1
SETTINGS_FILE = "settings.json"
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 64 * 1024 * 1024
_PIECE = 1024 * 1024
# Nothing else is ever unpacked, wherever a file comes from.
_ALLOWED = re.compile(
    r"(settings\.json|bridge\.db|database\.sql|session\.db|inbox\.db"
    r"|media/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{1,10})"
)


@dataclass(frozen=True, slots=True)
class Packed:
    """One file: its path in the backup, its size, and its SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`schema` is the version of the saved store's tables, None where no store was saved."""

    format: int
    version: str
    created_at: str
    schema: str | None
    files: tuple[Packed, ...]

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.files}


def pack(
    target: Path,
    folder: Path,
    names: Sequence[str],
    *,
    version: str,
    created_at: str,
    schema: str | None,
) -> Manifest:
    """Write the files of `folder` that are named to `target` (0600), whole or not at all.

    Raises OSError.
    """
    files = tuple(_packed(folder, name) for name in names)
    manifest = Manifest(FORMAT, version, created_at, schema, files)
    unfinished = target.with_name(f".{target.name}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _write(file, folder, manifest)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write(file: IO[bytes], folder: Path, manifest: Manifest) -> None:
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


def unpack(backup: Path, folder: Path) -> Manifest:
    """Put a backup's files into `folder` and compare each with its hash.

    Raises ConfigError for what is no backup, or is damaged; OSError where the disk refuses.
    """
    try:
        with tarfile.open(backup, "r:gz") as tar:
            entries = iter(tar)
            manifest = _read_manifest(tar, next(entries, None))
            expected = {one.name: one for one in manifest.files}
            for entry in entries:
                _unpack_one(tar, entry, expected.pop(entry.name, None), folder)
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{backup} is no backup, or it is damaged: {error}") from None
    except OSError as error:
        if error.errno is None:  # gzip's own way to say that this is none
            raise ConfigError(f"{backup} is no backup, or it is damaged: {error}") from None
        raise
    if expected:
        raise ConfigError(f"{backup} is damaged: {', '.join(expected)} is missing")
    return manifest


def _read_manifest(tar: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Manifest:
    if entry is None or entry.name != _MANIFEST or entry.size > _LARGEST_MANIFEST:
        raise ValueError("it does not begin with its manifest")
    content = tar.extractfile(entry)
    said = json.loads(content.read() if content else b"")
    if said["format"] != FORMAT:
        raise ValueError(f"it has format {said['format']}, and this version reads {FORMAT}")
    files = tuple(Packed(**one) for one in said.pop("files"))
    return Manifest(**said, files=files)


def _unpack_one(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, packed: Packed | None, folder: Path
) -> None:
    content = tar.extractfile(entry) if entry.isreg() else None
    if packed is None or content is None or not _ALLOWED.fullmatch(entry.name):
        raise ValueError(f"{entry.name!r} does not belong into a backup")
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


def _packed(folder: Path, name: str) -> Packed:
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Packed(name, path.stat().st_size, digest)
