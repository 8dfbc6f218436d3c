"""Hands outbox messages and files to WhatsApp; says of each failure whether anything has left."""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (
    ContextInfo,
    DocumentMessage,
    ImageMessage,
)
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from neonize.utils.enum import ChatPresence, ChatPresenceMedia, MediaType
from neonize.utils.jid import build_jid

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outgoing import (
    HandedOver,
    MayBeHandedOverError,
    NotHandedOverError,
    Outgoing,
    OutgoingFile,
    RefusedBySenderError,
)
from izer_bridge.whatsapp import session

# What a phone shows of the quoted message.
_QUOTED_LENGTH = 1_000
_LONGEST_REASON = 200
_TYPING_SECONDS = 2.0
_TYPING, _PAUSED = ChatPresence.CHAT_PRESENCE_COMPOSING, ChatPresence.CHAT_PRESENCE_PAUSED
_REFUSED = re.compile(r"server returned error (\d+)")
_NO_ADDRESS = ("no LID found for", "can't send message to", "unknown server")
# whatsmeow says so before the stanza is written, while it looks up the recipient's devices.
_NOTHING_LEFT = (
    "failed to get device list",
    "failed to get user info",
    "the store doesn't contain a device JID",
)
_UPLOADED_AS = {Kind.IMAGE: MediaType.MediaImage, Kind.DOCUMENT: MediaType.MediaDocument}
_UPLOAD_REFUSED = re.compile(r"upload failed with status code (\d+)")
# The file itself is wrong; any other error is the connection's or the server's.
_WRONG_FILE = frozenset({400, 413, 415})
_LOCATION = ("URL", "directPath", "mediaKey", "fileEncSHA256", "fileSHA256", "fileLength")
_NUMBER = re.compile(r"\d{5,}")
_NOT_CONNECTED = "websocket not connected"


class Client(Protocol):
    """The sending part of neonize's client; all raise NeonizeError."""

    async def send_message(self, to: proto.JID, body: Body) -> proto.SendResponse: ...

    async def upload(self, binary: bytes, media_type: MediaType) -> proto.UploadResponse: ...

    async def send_chat_presence(
        self, jid: proto.JID, state: ChatPresence, media: ChatPresenceMedia
    ) -> str: ...


class SendingLink(Protocol):
    """The part of the link that says when sending is possible."""

    account: str | None
    connections: int

    @property
    def client(self) -> Client: ...

    @property
    def may_send(self) -> bool: ...


class WhatsAppSender:
    """Sends one message at a time."""

    def __init__(self, link: SendingLink, session_file: Path) -> None:
        self._link = link
        self._session_file = session_file
        self._turn = asyncio.Lock()

    @property
    def account(self) -> str | None:
        return self._link.account

    @property
    def is_ready(self) -> bool:
        return self._link.may_send

    async def show_typing(self, chat: Jid, *, is_typing: bool) -> None:
        if not self._link.may_send:
            return
        presence = self._link.client.send_chat_presence(
            build_jid(chat.user, chat.server),
            _TYPING if is_typing else _PAUSED,
            ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT,
        )
        with suppress(NeonizeError, TimeoutError):
            await asyncio.wait_for(presence, _TYPING_SECONDS)

    async def upload(self, data: bytes, kind: Kind) -> bytes:
        """See `replies.ports.Uploader`. It goes beside what is being sent."""
        if not self._link.may_send:
            raise NotHandedOverError("WhatsApp is not connected")
        try:
            answer = await self._link.client.upload(data, _UPLOADED_AS[kind])
        except NeonizeError as error:
            raise _upload_meaning(str(error)) from None
        return _location(answer)

    async def send(self, outgoing: Outgoing) -> HandedOver:
        """See `replies.ports.Sender`."""
        async with self._turn:
            connections = self._link.connections
            if not self._link.may_send:
                raise NotHandedOverError("WhatsApp is not connected")
            if outgoing.account != self._link.account:
                raise RefusedBySenderError("it is another account's")
            chat = build_jid(outgoing.chat.user, outgoing.chat.server)
            try:
                answer = await self._link.client.send_message(chat, body_of(outgoing))
            except NeonizeError as error:
                has_reconnected = self._link.connections != connections
                raise _meaning(str(error), has_reconnected=has_reconnected) from None
        return HandedOver(answer.ID, datetime.fromtimestamp(answer.Timestamp, UTC))

    def id_of(self, secret: bytes) -> str | None:
        """The client stores an id with its secret before it writes the stanza."""
        return session.id_of(self._session_file, secret)


def body_of(outgoing: Outgoing) -> Body:
    """The message in WhatsApp's form, quoting the one it answers."""
    body = Body()
    file = outgoing.file
    if file is None:
        body.extendedTextMessage.text = outgoing.text
        _surround(body.extendedTextMessage.contextInfo, outgoing)
    elif file.preview is not None:
        body.imageMessage.CopyFrom(_image(file, outgoing.text))
        _surround(body.imageMessage.contextInfo, outgoing)
    else:
        # Phones wrap a document with a caption, and show it only so.
        within = body.documentWithCaptionMessage.message if outgoing.text else body
        within.documentMessage.CopyFrom(_document(file, outgoing.text))
        _surround(within.documentMessage.contextInfo, outgoing)
    body.messageContextInfo.messageSecret = outgoing.secret
    return body


def _surround(context: ContextInfo, outgoing: Outgoing) -> None:
    if outgoing.quoted is not None:
        context.stanzaID = outgoing.quoted.message_id
        context.participant = str(outgoing.quoted.sender)
        context.quotedMessage.conversation = outgoing.quoted.text[:_QUOTED_LENGTH]
    if outgoing.timer is not None and outgoing.timer.seconds:
        context.expiration = outgoing.timer.seconds
        context.ephemeralSettingTimestamp = int(outgoing.timer.set_at.timestamp())


def _location(answer: proto.UploadResponse) -> bytes:
    """What a message says of an uploaded file, whatever it is."""
    where = DocumentMessage(
        URL=answer.url,
        directPath=answer.DirectPath,
        mediaKey=answer.MediaKey,
        fileEncSHA256=answer.FileEncSHA256,
        fileSHA256=answer.FileSHA256,
        fileLength=answer.FileLength,
    )
    return bytes(where.SerializeToString())


def _image(file: OutgoingFile, caption: str) -> ImageMessage:
    where = DocumentMessage.FromString(file.location)
    image = ImageMessage(mimetype=file.mimetype, caption=caption or None)
    for field in _LOCATION:
        setattr(image, field, getattr(where, field))
    if file.preview is not None:
        image.width, image.height = file.preview.width, file.preview.height
        image.JPEGThumbnail = file.preview.thumbnail
    return image


def _document(file: OutgoingFile, caption: str) -> DocumentMessage:
    document = DocumentMessage.FromString(file.location)
    document.mimetype, document.fileName, document.title = file.mimetype, file.name, file.name
    if caption:
        document.caption = caption
    return document


def _upload_meaning(said: str) -> Exception:
    """Nothing of it has reached anybody in any case."""
    refused = _UPLOAD_REFUSED.search(said)
    if refused and int(refused[1]) in _WRONG_FILE:
        return RefusedBySenderError(f"WhatsApp does not take this file (error {refused[1]})")
    return NotHandedOverError(_NUMBER.sub("…", said)[:_LONGEST_REASON])


def _meaning(said: str, *, has_reconnected: bool) -> Exception:
    refused = _REFUSED.search(said)
    said = said[:_LONGEST_REASON]
    if refused:
        code = int(refused[1])
        return RefusedBySenderError(f"WhatsApp's server returned error {code}", code)
    if any(words in said for words in _NO_ADDRESS):
        return RefusedBySenderError("WhatsApp knows nobody at this address")
    # After a reconnect the client writes the stanza again, and may find the new socket gone.
    is_before = said.endswith(_NOT_CONNECTED) and not has_reconnected
    if is_before or any(words in said for words in _NOTHING_LEFT):
        return NotHandedOverError("WhatsApp is not connected")
    return MayBeHandedOverError(_NUMBER.sub("…", said))
