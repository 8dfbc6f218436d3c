"""What is kept of a medium's message is what a download needs, and never another host."""

import pytest
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (
    AudioMessage,
    DocumentMessage,
    ImageMessage,
    VideoMessage,
)
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.errors import PermanentError
from izer_bridge.whatsapp.convert.body import content_of
from izer_bridge.whatsapp.convert.media_ref import MediaLocation, source_in, source_of
from izer_bridge.whatsapp.decryption import Secrets

PATH, KEY = "/v/t62/abc.enc?ccb=1", b"k" * 32


def picture(path: str = PATH) -> ImageMessage:
    return ImageMessage(
        URL="http://127.0.0.1:8100/stats",
        directPath=path,
        mediaKey=KEY,
        fileSHA256=b"p" * 32,
        fileEncSHA256=b"e" * 32,
        fileLength=7,
        mimetype="image/jpeg",
        caption="zincir",
        JPEGThumbnail=b"t" * 5_000,
    )


def test_it_holds_what_the_download_needs_and_no_more() -> None:
    source = source_of(picture())
    assert source is not None
    assert source_in(source) == MediaLocation(PATH, Secrets(KEY, "Image", b"p" * 32, b"e" * 32))
    slim = Body.FromString(source).imageMessage
    assert (slim.URL, slim.caption, slim.JPEGThumbnail) == ("", "", b"")


@pytest.mark.parametrize(
    "path", ["", ".example.org/x?", "@example.org/x?", "127.0.0.1/x", "/" + "x" * 5_000]
)
def test_a_path_that_is_none_on_whatsapp_s_hosts_is_refused(path: str) -> None:
    assert source_of(picture(path)) is None


def test_without_a_key_there_is_nothing_to_decrypt() -> None:
    assert source_of(DocumentMessage(directPath=PATH)) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (Body(audioMessage=AudioMessage(directPath=PATH, mediaKey=KEY)), "Audio"),
        (Body(ptvMessage=VideoMessage(directPath=PATH, mediaKey=KEY)), "Video"),
    ],
)
def test_it_says_what_kind_of_keys_are_needed(body: Body, kind: str) -> None:
    media = content_of(body).media
    assert media is not None
    assert media.source is not None
    assert source_in(media.source).secrets.kind == kind


def test_damaged_bytes_are_no_source() -> None:
    with pytest.raises(PermanentError):
        source_in(b"\xff\xff")
