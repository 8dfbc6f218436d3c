"""What is put into words, how files are named, and how a worded medium reads."""

from datetime import UTC, datetime

import pytest

from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.media.decide import MediaWording, extension_of, wording_of

AYSE = Jid.parse("905551112233@s.whatsapp.net")


@pytest.mark.parametrize(
    ("kind", "found", "wording"),
    [
        (Kind.VOICE, "audio/ogg", MediaWording.TRANSCRIPT),
        (Kind.VOICE, "application/ogg", MediaWording.TRANSCRIPT),
        (Kind.VOICE, "application/zip", None),
        (Kind.AUDIO, "audio/mpeg", None),
        (Kind.IMAGE, "image/jpeg", MediaWording.DESCRIPTION),
        (Kind.IMAGE, "image/svg+xml", None),
        (Kind.IMAGE, "text/html", None),
        (Kind.STICKER, "image/webp", None),
        (Kind.DOCUMENT, "image/jpeg", None),
        (Kind.VIDEO, "video/mp4", None),
    ],
)
def test_the_content_decides_what_is_put_into_words(
    kind: Kind, found: str, wording: MediaWording | None
) -> None:
    assert wording_of(kind, found, 1_000) is wording


@pytest.mark.parametrize(
    ("kind", "found", "most"),
    [(Kind.VOICE, "audio/ogg", 25 * 1024**2), (Kind.IMAGE, "image/png", 20 * 1024**2)],
)
def test_what_is_too_large_for_the_endpoint_is_not(kind: Kind, found: str, most: int) -> None:
    assert wording_of(kind, found, most) is not None
    assert wording_of(kind, found, most + 1) is None


def test_an_unknown_type_has_a_harmless_name() -> None:
    assert extension_of("image/jpeg") == "jpg"
    assert extension_of("application/x-dosexec") == extension_of("text/html") == "bin"


def message(kind: Kind, text: str, media: Media) -> Message:
    sent_at = datetime(2026, 3, 1, tzinfo=UTC)
    return Message("+9", "1", AYSE, AYSE, sent_at, kind, text, Origin.LIVE, media=media)


@pytest.mark.parametrize(
    ("kind", "text", "words", "announced"),
    [
        (Kind.VOICE, "", "Tekerim patladı", "[sesli mesaj] Tekerim patladı"),
        (Kind.VOICE, "", "", "[image/png]"),
        (Kind.IMAGE, "Böyle oldu", "Eğri bir jant.", "[fotoğraf] (Eğri bir jant.) Böyle oldu"),
        (Kind.IMAGE, "", "Eğri bir jant.", "[fotoğraf] (Eğri bir jant.)"),
        (Kind.DOCUMENT, "Faturam", "", "[image/png 3 B] Faturam"),
    ],
)
def test_words_stand_in_the_place_of_the_type(
    kind: Kind, text: str, words: str, announced: str
) -> None:
    assert message(kind, text, Media("image/png", 3, words=words)).announced == announced


@pytest.mark.parametrize(
    ("size", "said"), [(0, ""), (812, " 812 B"), (48_211, " 48 kB"), (1_240_000, " 1.2 MB")]
)
def test_a_document_is_announced_by_type_size_and_name(size: int, said: str) -> None:
    document = Media("application/pdf", size, "Fatura 2291.pdf")
    announced = message(Kind.DOCUMENT, "Buyurun", document).announced
    assert announced == f"[application/pdf{said}] Fatura 2291.pdf Buyurun"
    assert "media_document" in signals_of(announced)


def test_the_local_analyser_reads_the_words_and_still_sees_the_medium() -> None:
    voice = signals_of("[sesli mesaj] frenim tutmuyor")
    assert "media_voice" in voice
    assert voice.words == 2
    assert "media_image" in signals_of("[fotoğraf] (Eğri bir jant.) Böyle oldu")


def test_the_key_of_a_file_is_not_shown() -> None:
    assert "secret" not in repr(Media("image/png", 3, source=b"secret"))
