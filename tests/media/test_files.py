"""Files on the disk: private, once each, named and typed by their content."""

import hashlib
import os
import resource
import stat
from pathlib import Path

import pytest

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.media.files import MediaFiles

PDF = b"%PDF-1.7 invoice"
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> MediaFiles:
    return MediaFiles(tmp_path)


def all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_file_is_named_by_its_content(files: MediaFiles, tmp_path: Path) -> None:
    kept = await files.keep(PDF)
    assert kept.path == f"media/{DIGEST[:2]}/{DIGEST}.pdf"
    assert (kept.sha256, kept.mimetype, kept.size) == (DIGEST, "application/pdf", len(PDF))
    assert (tmp_path / kept.path).read_bytes() == await files.read(kept.path) == PDF


async def test_nobody_else_can_read_it(files: MediaFiles, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept = await files.keep(PDF)
    finally:
        os.umask(before)
    path = tmp_path / kept.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


async def test_the_same_content_is_kept_once(files: MediaFiles, tmp_path: Path) -> None:
    first = await files.keep(PDF)
    written = (tmp_path / first.path).stat().st_ino
    assert await files.keep(PDF) == first
    assert (tmp_path / first.path).stat().st_ino == written
    assert len(all_files(tmp_path)) == 1


async def test_only_what_nobody_has_kept_lately_is_removed(
    files: MediaFiles, tmp_path: Path
) -> None:
    kept, other = await files.keep(PDF), await files.keep(b"merhaba")
    unfinished = (tmp_path / kept.path).with_name(".0123456789abcdef")
    unfinished.write_bytes(b"%PDF")
    assert await files.untouched() == []
    for path in (tmp_path / kept.path, tmp_path / other.path, unfinished):
        os.utime(path, (0, 0))
    untouched = await files.untouched()
    assert set(untouched) == {kept.path, other.path, str(unfinished.relative_to(tmp_path))}
    # Kept again in the meantime: somebody is about to refer to it.
    await files.keep(PDF)
    assert await files.remove([*untouched, "media/aa/gone"]) == 2
    assert all_files(tmp_path) == [tmp_path / kept.path]


@pytest.mark.parametrize(
    ("data", "mimetype", "extension"),
    [
        (b"\xff\xd8\xff\xe0 picture", "image/jpeg", "jpg"),
        (b"PK\x03\x04" + b"a" * 40, "application/octet-stream", "bin"),
        (b"<html><script>1</script>", "text/html", "bin"),
        (b"merhaba", "text/plain", "txt"),
        (b"", "application/x-empty", "bin"),
    ],
)
async def test_the_content_says_what_it_is(
    files: MediaFiles, data: bytes, mimetype: str, extension: str
) -> None:
    kept = await files.keep(data)
    assert kept.mimetype == mimetype
    assert kept.path.endswith(f".{extension}")


async def test_a_disk_that_refuses_is_worth_trying_again(files: MediaFiles, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(TransientError, match="written"):
        await files.keep(PDF)


async def test_nothing_half_written_is_left(files: MediaFiles, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, before[1]))
    try:
        with pytest.raises(TransientError, match="too large"):
            await files.keep(PDF)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert all_files(tmp_path) == []
    await files.keep(PDF)


async def test_a_file_that_was_removed_is_gone(files: MediaFiles) -> None:
    with pytest.raises(PermanentError, match="No such file"):
        await files.read("media/aa/none.jpg")
