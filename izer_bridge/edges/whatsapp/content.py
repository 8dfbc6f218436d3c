"""Reads what a WhatsApp message says out of its protobuf; pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ProtocolMessage

from izer_bridge.edges.whatsapp.source import source_of
from izer_bridge.model.message import Kind, Media

_WRAPPER = "FutureProofMessage"
_DEEPEST_WRAPPING = 8
# They carry no content of their own, or accompany another field.
_ACCOMPANYING = frozenset({"messageContextInfo", "senderKeyDistributionMessage"})


@dataclass(frozen=True, slots=True)
class Content:
    """Kind, text, medium and target of one message; the target of a usual one is what it quotes."""

    kind: Kind
    text: str = ""
    media: Media | None = None
    target_id: str | None = None


def content_of(body: Body) -> Content:
    """Read `body`; what is not known becomes `unsupported`, with a caption where one is found."""
    body = unwrapped(body)
    names = {field.name for field, _ in body.ListFields()}
    for name, read in _READERS.items():
        if name in names:
            part = getattr(body, name)
            content = read(part)
            return replace(content, target_id=content.target_id or _quoted_id(part))
    if names <= _ACCOMPANYING:
        return Content(Kind.PROTOCOL)
    return Content(Kind.UNSUPPORTED, _any_text(body))


def _quoted_id(part: Any) -> str | None:
    """The message that this one answers; a plain text is a `str` and answers none."""
    context = getattr(part, "contextInfo", None)
    return (context.stanzaID or None) if context is not None else None


def unwrapped(body: Body) -> Body:
    """The innermost message of ephemeral, view-once, edited and device-sent wrappers."""
    for _ in range(_DEEPEST_WRAPPING):
        inner = _inner(body)
        if inner is None:
            return body
        body = inner
    return body


def _inner(body: Body) -> Body | None:
    for field, value in body.ListFields():
        if field.name == "deviceSentMessage" or (
            field.message_type is not None and field.message_type.name == _WRAPPER
        ):
            return value.message if value.HasField("message") else None
    return None


def _any_text(body: Body) -> str:
    """The first caption or text of a kind that has no reader."""
    for _, value in body.ListFields():
        for name in ("caption", "text", "contentText", "title", "selectedDisplayText"):
            found = getattr(value, name, None)
            if isinstance(found, str) and found:
                return found
    return ""


def _medium(kind: Kind) -> Callable[[Any], Content]:
    def read(part: Any) -> Content:
        media = Media(
            mimetype=part.mimetype or "application/octet-stream",
            size=part.fileLength,
            file_name=getattr(part, "fileName", "") or getattr(part, "title", "") or None,
            source=source_of(part),
        )
        return Content(kind, getattr(part, "caption", ""), media)

    return read


def _audio(part: Any) -> Content:
    return _medium(Kind.VOICE if part.PTT else Kind.AUDIO)(part)


def _location(part: Any) -> Content:
    place = (getattr(part, "name", ""), getattr(part, "address", ""), getattr(part, "caption", ""))
    named = " ".join(word for word in place if word)
    return Content(
        Kind.LOCATION, f"{part.degreesLatitude:.6f},{part.degreesLongitude:.6f} {named}".rstrip()
    )


def _poll(part: Any) -> Content:
    options = " / ".join(option.optionName for option in part.options)
    return Content(Kind.POLL, f"{part.name}: {options}")


def _of_catalogue(*words: str) -> Content:
    return Content(Kind.TEXT, " ".join(word for word in words if word))


def _protocol(part: Any) -> Content:
    if part.type == ProtocolMessage.MESSAGE_EDIT and part.HasField("editedMessage"):
        edited = content_of(part.editedMessage)
        return Content(Kind.EDIT, edited.text, edited.media, part.key.ID)
    if part.type == ProtocolMessage.REVOKE and part.key.ID:
        return Content(Kind.REVOKE, target_id=part.key.ID)
    return Content(Kind.PROTOCOL)


_READERS: dict[str, Callable[[Any], Content]] = {
    "protocolMessage": _protocol,
    "conversation": lambda part: Content(Kind.TEXT, part),
    "extendedTextMessage": lambda part: Content(Kind.TEXT, part.text),
    "imageMessage": _medium(Kind.IMAGE),
    "videoMessage": _medium(Kind.VIDEO),
    "ptvMessage": _medium(Kind.VIDEO),
    "audioMessage": _audio,
    "documentMessage": _medium(Kind.DOCUMENT),
    "stickerMessage": _medium(Kind.STICKER),
    "locationMessage": _location,
    "liveLocationMessage": _location,
    "contactMessage": lambda part: Content(Kind.CONTACT, part.displayName),
    "contactsArrayMessage": lambda part: Content(
        Kind.CONTACT, ", ".join(contact.displayName for contact in part.contacts)
    ),
    "pollCreationMessage": _poll,
    "pollCreationMessageV2": _poll,
    "pollCreationMessageV3": _poll,
    "pollCreationMessageV5": _poll,
    "orderMessage": lambda part: _of_catalogue(
        f"[sipariş: {part.itemCount} ürün]", part.message, part.orderTitle
    ),
    "productMessage": lambda part: _of_catalogue(part.body, part.product.title),
    "pollUpdateMessage": lambda part: Content(
        Kind.PROTOCOL, target_id=part.pollCreationMessageKey.ID
    ),
    "reactionMessage": lambda part: Content(Kind.REACTION, part.text, target_id=part.key.ID),
    "encReactionMessage": lambda part: Content(Kind.REACTION, target_id=part.targetMessageKey.ID),
    "keepInChatMessage": lambda part: Content(Kind.PROTOCOL, target_id=part.key.ID),
    "pinInChatMessage": lambda part: Content(Kind.PROTOCOL, target_id=part.key.ID),
    "buttonsResponseMessage": lambda part: Content(Kind.TEXT, part.selectedDisplayText),
    "templateButtonReplyMessage": lambda part: Content(Kind.TEXT, part.selectedDisplayText),
    "listResponseMessage": lambda part: Content(Kind.TEXT, part.title),
}
