"""What the client's errors mean for a message that was to be sent."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from neonize.exc import SendMessageError, UploadError
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from neonize.utils.enum import ChatPresence, ChatPresenceMedia, MediaType

from izer_bridge.domain.context_info import Timer
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.outgoing import (
    MayBeHandedOverError,
    NotHandedOverError,
    Outgoing,
    OutgoingFile,
    Preview,
    Quoted,
    RefusedBySenderError,
)
from izer_bridge.whatsapp.client.send import WhatsAppSender

ACCOUNT = "+905550000001"
CHAT = Jid.parse("100000000000033@lid")
OUTGOING = Outgoing(
    row_id=1,
    kind=OutboxKind.REPLY,
    state=OutboxState.SENDING,
    account=ACCOUNT,
    chat=CHAT,
    text="Hazır.",
    quoted=Quoted("3EB0", CHAT, "Hazır mı?"),
    secret=bytes(32),
)


UPLOADED = proto.UploadResponse(
    url="https://mmg.whatsapp.net/v/1",
    DirectPath="/v/1",
    MediaKey=b"key",
    FileEncSHA256=b"encrypted",
    FileSHA256=b"plain",
    FileLength=8,
)
PDF = OutgoingFile("media/aa/aa.pdf", "application/pdf", "Şubat.pdf", 8)
PICTURE = OutgoingFile("media/aa/aa.jpg", "image/jpeg", "", 8, Preview(400, 300, b"small"))


class ALink:
    """A link and its own client, which says `answer`."""

    def __init__(self, answer: Callable[[], proto.SendResponse]) -> None:
        self.account: str | None = ACCOUNT
        self.connections = 1
        self.may_send = True
        self.sent: list[tuple[proto.JID, Body]] = []
        self.uploaded: list[tuple[bytes, MediaType]] = []
        self.upload_error = ""
        self._answer = answer

    @property
    def client(self) -> "ALink":
        return self

    async def send_message(self, chat: proto.JID, body: Body) -> proto.SendResponse:
        self.sent.append((chat, body))
        return self._answer()

    async def upload(self, binary: bytes, media_type: MediaType) -> proto.UploadResponse:
        self.uploaded.append((binary, media_type))
        if self.upload_error:
            raise UploadError(self.upload_error)
        return UPLOADED

    async def send_chat_presence(
        self, jid: proto.JID, state: ChatPresence, media: ChatPresenceMedia
    ) -> str:
        return ""


def saying(error: str) -> Callable[[], proto.SendResponse]:
    def answer() -> proto.SendResponse:
        raise SendMessageError(error)

    return answer


async def test_the_chat_gets_the_text_with_its_quote_and_secret(tmp_path: Path) -> None:
    link = ALink(lambda: proto.SendResponse(ID="3EB1", Timestamp=1_772_366_400))
    handed = await WhatsAppSender(link, tmp_path / "session.db").send(OUTGOING)
    [(chat, body)] = link.sent
    part = body.extendedTextMessage
    assert (chat.User, chat.Server) == (CHAT.user, CHAT.server)
    assert (part.text, part.contextInfo.stanzaID) == ("Hazır.", "3EB0")
    assert part.contextInfo.participant == str(CHAT)
    assert body.messageContextInfo.messageSecret == OUTGOING.secret
    assert (handed.whatsapp_id, handed.server_at.year) == ("3EB1", 2026)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("websocket not connected", NotHandedOverError),
        ("failed to get device list: usync failed", NotHandedOverError),
        ("no LID found for 905551112233@s.whatsapp.net from server", RefusedBySenderError),
        ("server returned error 463", RefusedBySenderError),
        ("websocket disconnected before message send returned response", MayBeHandedOverError),
        ("timed out waiting for message send response", MayBeHandedOverError),
        ("something that nobody has seen before", MayBeHandedOverError),
    ],
)
async def test_only_what_certainly_did_not_leave_may_be_tried_again(
    said: str, means: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(means) as raised:
        await WhatsAppSender(ALink(saying(said)), tmp_path / "session.db").send(OUTGOING)
    assert "905551112233" not in str(raised.value)
    if isinstance(raised.value, RefusedBySenderError) and "463" in said:
        assert raised.value.code == 463


async def test_after_a_reconnect_not_connected_is_not_certain(tmp_path: Path) -> None:
    def answer() -> proto.SendResponse:
        link.connections += 1
        raise SendMessageError("websocket not connected")

    link = ALink(answer)
    with pytest.raises(MayBeHandedOverError):
        await WhatsAppSender(link, tmp_path / "session.db").send(OUTGOING)


async def test_nothing_is_given_to_a_client_that_is_away_or_anothers(tmp_path: Path) -> None:
    link = ALink(saying("must not be called"))
    sender = WhatsAppSender(link, tmp_path / "session.db")
    link.account = "+905550000002"
    with pytest.raises(RefusedBySenderError):
        await sender.send(OUTGOING)
    link.may_send = False
    with pytest.raises(NotHandedOverError):
        await sender.send(OUTGOING)
    assert not link.sent


def test_an_id_is_found_by_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "session.db"
    sender = WhatsAppSender(ALink(saying("")), path)
    assert sender.id_of(b"x") is None
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE whatsmeow_message_secrets (message_id TEXT, key BLOB)")
        file.execute("INSERT INTO whatsmeow_message_secrets VALUES ('3EB7', ?)", (b"x",))
    assert sender.id_of(b"x") == "3EB7"
    assert sender.id_of(b"y") is None


async def sent_with(file: OutgoingFile, folder: Path, text: str = "Ekte.") -> Body:
    """The message with this file after its upload."""
    link = ALink(lambda: proto.SendResponse(ID="3EB1", Timestamp=1_772_366_400))
    sender = WhatsAppSender(link, folder / "session.db")
    file = replace(file, location=await sender.upload(b"the file", file.kind))
    timer = Timer(86_400, datetime(2026, 3, 1, tzinfo=UTC))
    await sender.send(replace(OUTGOING, text=text, file=file, timer=timer))
    assert [data for data, _ in link.uploaded] == [b"the file"]
    [(_, body)] = link.sent
    assert body.messageContextInfo.messageSecret == OUTGOING.secret
    return body


@pytest.mark.parametrize("text", ["Ekte.", ""])
async def test_a_picture_comes_with_its_caption_and_what_phones_show_first(
    text: str, tmp_path: Path
) -> None:
    part = (await sent_with(PICTURE, tmp_path, text)).imageMessage
    assert (part.directPath, part.mediaKey, part.fileLength) == ("/v/1", b"key", 8)
    assert (part.fileSHA256, part.fileEncSHA256) == (b"plain", b"encrypted")
    assert (part.mimetype, part.caption, part.HasField("caption")) == (
        "image/jpeg",
        text,
        bool(text),
    )
    assert (part.width, part.height, part.JPEGThumbnail) == (400, 300, b"small")
    assert (part.contextInfo.stanzaID, part.contextInfo.expiration) == ("3EB0", 86_400)


async def test_a_document_is_wrapped_only_with_a_caption(tmp_path: Path) -> None:
    bare = (await sent_with(PDF, tmp_path, "")).documentMessage
    captioned = (await sent_with(PDF, tmp_path)).documentWithCaptionMessage.message.documentMessage
    assert (bare.caption, captioned.caption) == ("", "Ekte.")
    for part in (bare, captioned):
        assert (part.fileName, part.title, part.mimetype) == (
            "Şubat.pdf",
            "Şubat.pdf",
            "application/pdf",
        )
        assert (part.directPath, part.fileLength) == ("/v/1", 8)
        assert (part.contextInfo.stanzaID, part.contextInfo.expiration) == ("3EB0", 86_400)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("upload failed with status code 413", RefusedBySenderError),
        ("upload failed with status code 415", RefusedBySenderError),
        ("upload failed with status code 401", NotHandedOverError),
        ("upload failed with status code 503", NotHandedOverError),
        ("failed to refresh media connections: websocket not connected", NotHandedOverError),
        ("dial tcp 905551112233: connection refused", NotHandedOverError),
    ],
)
async def test_a_file_that_was_not_taken_has_reached_nobody(
    said: str, means: type[Exception], tmp_path: Path
) -> None:
    link = ALink(saying("must not be called"))
    link.upload_error = said
    sender = WhatsAppSender(link, tmp_path / "session.db")
    with pytest.raises(means) as raised:
        await sender.upload(b"the file", Kind.DOCUMENT)
    assert "905551112233" not in str(raised.value)
    link.may_send = False
    with pytest.raises(NotHandedOverError):
        await sender.upload(b"the file", Kind.IMAGE)
    assert [kind for _, kind in link.uploaded] == [MediaType.MediaDocument]
