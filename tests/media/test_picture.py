"""Pictures as they are sent: upright, small, and silent about camera and place."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from izer_bridge.media import picture, pictures
from izer_bridge.media.pictures import FitPicture, Pictures

_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825


def drawn(form: str, size: tuple[int, int] = (600, 400), mode: str = "RGB") -> bytes:
    written = BytesIO()
    Image.new(mode, size, (10, 200, 30, 0)[: len(mode)]).save(written, form)
    return written.getvalue()


def photographed() -> bytes:
    """Lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_MAKE] = 6, "A camera"
    exif[_GPS] = {1: "N", 2: (41.0, 1.0, 2.0)}
    written = BytesIO()
    Image.new("RGB", (600, 400)).save(written, "JPEG", exif=exif, comment=b"at home")
    return written.getvalue()


async def fit(folder: Path, data: bytes) -> FitPicture:
    file = folder / "given"
    await asyncio.to_thread(file.write_bytes, data)
    return await Pictures().fit(file)


async def test_a_photograph_is_turned_and_says_nothing_of_where_it_was_taken(
    tmp_path: Path,
) -> None:
    found = await fit(tmp_path, photographed())
    opened = Image.open(BytesIO(found.jpeg))
    assert opened.size == (found.preview.width, found.preview.height) == (400, 600)
    assert not opened.getexif()
    assert b"A camera" not in found.jpeg
    assert b"at home" not in found.jpeg
    small = Image.open(BytesIO(found.preview.thumbnail))
    assert (small.format, max(small.size)) == ("JPEG", 72)
    assert len(found.preview.thumbnail) < 4_000


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_each_form_becomes_one_that_every_phone_shows(form: str, tmp_path: Path) -> None:
    found = await fit(tmp_path, drawn(form, (5000, 1000)))
    opened = Image.open(BytesIO(found.jpeg))
    assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", (2560, 512))


async def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    found = await fit(tmp_path, drawn("PNG", mode="RGBA"))
    assert Image.open(BytesIO(found.jpeg)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cannot be read"),
        (b"\xff\xd8\xff\xe0 picture", "cannot be read"),
        (photographed()[:900], "cannot be read"),
        (drawn("PNG")[:60], "cannot be read"),
        (drawn("GIF"), "cannot be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be read"),
        # A few kB that would be 75 million pixels.
        (drawn("PNG", (10_000, 7_500), "L"), "10000 × 7500 pixels; at most 50 million"),
    ],
)
async def test_what_is_no_such_picture_is_named(data: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=why):
        await fit(tmp_path, data)


async def test_one_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n", "utf-8")
    monkeypatch.setattr(pictures, "_SCRIPT", slow)
    monkeypatch.setattr(pictures, "_SECONDS", 0.2)
    with pytest.raises(ValueError, match=r"within 0\.2 s"):
        await fit(tmp_path, drawn("PNG"))


def test_only_forms_that_are_sent_are_decoded() -> None:
    assert {Image.MIME[form] for form in picture.FORMATS} == {
        "image/jpeg",
        "image/png",
        "image/webp",
    }
