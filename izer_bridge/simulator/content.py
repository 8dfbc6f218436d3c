"""WhatsApp messages of every kind: builders of message bodies; pure.

Each `Content` carries the kind and the text that a reader of the chat would see.
"""

import os
from dataclasses import dataclass, field, replace
from typing import Any, cast

from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

_REVOKE, _EDIT = "7", "1"
# Field 1000, containing a part with the number 1 in its field 1.
_LATER_FIELD = b"\xc2\x3e\x02\x08\x01"


@dataclass(frozen=True)
class Attachment:
    """A file to be uploaded; `part` names the body's field, `info` what its keys are for."""

    data: bytes
    part: str
    info: str


@dataclass(frozen=True)
class Content:
    """A body with the stanza's attributes about it (`edit`, `hides` undecryptable ones)."""

    kind: str
    text: str
    body: e2e.Message
    attachment: Attachment | None = None
    stanza_type: str = "text"
    edit: str = ""
    hides: bool = field(default=False)


def text(words: str) -> Content:
    return Content("text", words, _body(conversation=words))


def extended_text(words: str, quoted_id: str = "") -> Content:
    """A text with a link preview, or one that quotes another message."""
    part = e2e.ExtendedTextMessage(text=words)
    if quoted_id:
        part.contextInfo.stanzaID = quoted_id
    return Content("text", words, _body(extendedTextMessage=part))


def ephemeral_text(words: str) -> Content:
    """A text in a chat with disappearing messages."""
    inner = e2e.FutureProofMessage(message=e2e.Message(conversation=words))
    return Content("text", words, _body(ephemeralMessage=inner))


def image(data: bytes, caption: str = "", mimetype: str = "image/jpeg") -> Content:
    return _media("image", "imageMessage", "Image", data, caption, mimetype=mimetype)


def view_once_image(data: bytes, caption: str = "") -> Content:
    """A picture that a phone shows only once."""
    plain = image(data, caption)
    plain.body.imageMessage.viewOnce = True
    wrapped = _body(viewOnceMessageV2=e2e.FutureProofMessage(message=plain.body))
    return replace(plain, body=wrapped)


def video(data: bytes, caption: str = "", mimetype: str = "video/mp4") -> Content:
    return _media("video", "videoMessage", "Video", data, caption, mimetype=mimetype)


def voice(data: bytes, seconds: int = 3) -> Content:
    kind = {"mimetype": "audio/ogg; codecs=opus", "PTT": True, "seconds": seconds}
    return _media("voice", "audioMessage", "Audio", data, "", **kind)


def audio(data: bytes, mimetype: str = "audio/mpeg") -> Content:
    return _media("audio", "audioMessage", "Audio", data, "", mimetype=mimetype)


def sticker(data: bytes) -> Content:
    return _media("sticker", "stickerMessage", "Image", data, "", mimetype="image/webp")


def document(
    data: bytes, name: str, caption: str = "", mimetype: str = "application/pdf"
) -> Content:
    """A document; with a caption it is wrapped, as phones send it."""
    plain = _media(
        "document", "documentMessage", "Document", data, caption, mimetype=mimetype, fileName=name
    )
    if not caption:
        return plain
    wrapped = _body(documentWithCaptionMessage=e2e.FutureProofMessage(message=plain.body))
    return Content("document", caption, wrapped, plain.attachment, "media")


def claiming(medium: Content, **fields: Any) -> Content:
    """A file that does not exist anywhere and claims whatever its sender likes."""
    [part] = [one for one, _ in medium.body.ListFields() if one.name != "messageContextInfo"]
    said = {"directPath": "/v/nowhere?ccb=1", "mediaKey": bytes(32), "fileSHA256": bytes(32)}
    for name, value in {**said, "fileEncSHA256": bytes(32), **fields}.items():
        setattr(getattr(medium.body, part.name), name, value)
    return replace(medium, attachment=None)


def location(latitude: float, longitude: float, name: str = "") -> Content:
    part = e2e.LocationMessage(
        degreesLatitude=latitude, degreesLongitude=longitude, name=name or None
    )
    words = f"{latitude:.6f},{longitude:.6f} {name}".rstrip()
    return Content("location", words, _body(locationMessage=part), stanza_type="media")


def live_location(latitude: float, longitude: float, caption: str = "") -> Content:
    """A place that is shared while moving."""
    part = e2e.LiveLocationMessage(
        degreesLatitude=latitude, degreesLongitude=longitude, caption=caption or None
    )
    words = f"{latitude:.6f},{longitude:.6f} {caption}".rstrip()
    return Content("location", words, _body(liveLocationMessage=part), stanza_type="media")


def contact_card(name: str, number: str) -> Content:
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;waid={number.lstrip('+')}:{number}\nEND:VCARD"
    part = e2e.ContactMessage(displayName=name, vcard=card)
    return Content("contact", f"{name}: {number}", _body(contactMessage=part), stanza_type="media")


def poll(question: str, options: list[str]) -> Content:
    part = e2e.PollCreationMessage(name=question, selectableOptionsCount=1)
    for option in options:
        part.options.add(optionName=option)
    words = f"{question}: {' / '.join(options)}"
    return Content("poll", words, _body(pollCreationMessageV3=part), stanza_type="poll")


def reaction(target_id: str, chat: str, emoji: str) -> Content:
    part = e2e.ReactionMessage(text=emoji)
    part.key.remoteJID, part.key.ID = chat, target_id
    return Content(
        "reaction", emoji, _body(reactionMessage=part), stanza_type="reaction", hides=True
    )


def edit(target_id: str, chat: str, words: str) -> Content:
    part = e2e.ProtocolMessage(type=e2e.ProtocolMessage.MESSAGE_EDIT)
    part.key.remoteJID, part.key.ID, part.key.fromMe = chat, target_id, True
    part.editedMessage.conversation = words
    wrapped = e2e.FutureProofMessage(message=e2e.Message(protocolMessage=part))
    return Content("edit", words, _body(editedMessage=wrapped), edit=_EDIT)


def revoke(target_id: str, chat: str) -> Content:
    part = e2e.ProtocolMessage(type=e2e.ProtocolMessage.REVOKE)
    part.key.remoteJID, part.key.ID, part.key.fromMe = chat, target_id, True
    return Content("revoke", "", _body(protocolMessage=part), edit=_REVOKE)


def unknown() -> Content:
    """A kind that only a later WhatsApp knows: a field in no descriptor, without words."""
    body = e2e.Message.FromString(_LATER_FIELD)
    return Content("unsupported", "[desteklenmeyen mesaj türü: field 1000]", body)


def raw(data: bytes, stanza_type: str = "text") -> Content:
    """Bytes that need not be a message, encrypted like one."""
    return Content("unsupported", "", cast(e2e.Message, _Bytes(data)), stanza_type=stanza_type)


@dataclass(frozen=True)
class _Bytes:
    data: bytes

    def SerializeToString(self) -> bytes:  # noqa: N802 - as a protobuf has it
        return self.data


def empty() -> Content:
    """A text without words."""
    return Content("text", "", _body(conversation=""))


def _media(kind: str, part: str, info: str, data: bytes, caption: str, **fields: Any) -> Content:
    body = _body()
    medium = getattr(body, part)
    for name, value in fields.items():
        setattr(medium, name, value)
    if caption:
        medium.caption = caption
    return Content(kind, caption, body, Attachment(data, part, info), "media")


def _body(**fields: Any) -> e2e.Message:
    return with_secret(e2e.Message(**fields))


def with_secret(body: e2e.Message) -> e2e.Message:
    """A body with the secret that every message of a real phone carries."""
    body.messageContextInfo.messageSecret = os.urandom(32)
    return body
