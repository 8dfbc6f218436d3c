"""Which files are sent, and under which name."""

from pathlib import Path

import pytest

from izer_bridge.media.files import MediaFiles
from izer_bridge.writing.errors import UnfitFileError
from izer_bridge.writing.files import SendableFile, SendableFiles, pdf_name
from tests.media.test_files import all_files
from tests.media.test_picture import drawn

PDF = b"%PDF-1.7 invoice"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("fatura.pdf", "fatura.pdf"),
        ("Şubat faturası (İzer).PDF", "Şubat faturası (İzer).pdf"),
        ("", "belge.pdf"),
        (".pdf", "belge.pdf"),
        ("...", "belge.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Belgelerim\\fatura.pdf", "fatura.pdf"),
        ("fatura\r\nX-Evil: 1.pdf", "faturaX-Evil: 1.pdf"),
        # Shown from right to left it would end in .exe.
        ("fatura\u202efdp.exe", "faturafdp.exe.pdf"),
        ("fatura\u200b\u0000.pdf", "fatura.pdf"),
        ("çok   uzun " * 40, None),
        ("I\u0307zer.pdf", "İzer.pdf"),
    ],
)
def test_a_name_is_what_it_seems(given: str, shown: str | None) -> None:
    found = pdf_name(given)
    assert len(found) <= 104
    assert found.endswith(".pdf")
    assert shown is None or found == shown


@pytest.fixture
def files(tmp_path: Path) -> SendableFiles:
    return SendableFiles(MediaFiles(tmp_path), 1_000_000)


async def taken(files: SendableFiles, data: bytes, name: str = "x") -> SendableFile:
    async with files.begun() as new:
        await new.write(data)
        return await files.fit(new, name)


async def test_a_picture_is_kept_as_it_is_sent_and_nothing_else_of_it(
    files: SendableFiles, tmp_path: Path
) -> None:
    found = await taken(files, drawn("WEBP"), "IMG_2041.webp")
    assert (found.kept.mimetype, found.name) == ("image/jpeg", "")
    assert found.preview is not None
    assert all_files(tmp_path) == [tmp_path / found.kept.path]


async def test_a_pdf_is_sent_as_it_is(files: SendableFiles, tmp_path: Path) -> None:
    found = await taken(files, PDF, "fatura")
    assert (found.kept.size, found.name, found.preview) == (len(PDF), "fatura.pdf", None)
    assert (tmp_path / found.kept.path).read_bytes() == PDF


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + bytes(20),
        b"Merhaba",
        b"\xff\xd8\xff\xe0 no picture after all",
    ],
)
async def test_any_other_file_is_refused_and_not_kept(
    data: bytes, files: SendableFiles, tmp_path: Path
) -> None:
    with pytest.raises(UnfitFileError):
        await taken(files, data, "fatura.pdf")
    assert all_files(tmp_path) == []
