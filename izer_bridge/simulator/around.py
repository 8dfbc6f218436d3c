"""What surrounds people's words on WhatsApp, and how they change them; pure."""

import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf import text_format
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from izer_bridge.simulator.content import Content, text

_EDIT = "1"


def written(textproto: str, kind: str = "text", words: str = "") -> Content:
    """A body in protobuf's text format, with the secret that phones add."""
    body = text_format.Parse(textproto, e2e.Message())
    if not body.messageContextInfo.messageSecret:
        body.messageContextInfo.messageSecret = os.urandom(32)
    return Content(kind, words, body)


def with_context(words: str, context: e2e.ContextInfo) -> Content:
    """A text with all its context."""
    content = text("")
    content.body.ClearField("conversation")
    content.body.extendedTextMessage.text = words
    content.body.extendedTextMessage.contextInfo.CopyFrom(context)
    return Content("text", words, content.body)


def quoting(
    words: str, message_id: str, participant: str, quoted: e2e.Message, remote: str = ""
) -> Content:
    """A text that quotes a message; the phone sends the quoted message along."""
    context = e2e.ContextInfo(stanzaID=message_id, participant=participant, quotedMessage=quoted)
    if remote:
        context.remoteJID = remote
    return with_context(words, context)


def mentioning(words: str, jids: Sequence[str]) -> Content:
    return with_context(words, e2e.ContextInfo(mentionedJID=jids))


def after_advert(words: str, title: str, body: str = "", link: str = "") -> Content:
    """The message of a customer who has clicked an advert; often without words of their own."""
    context = e2e.ContextInfo(conversionSource="FB_Ads")
    advert = context.externalAdReply
    advert.title, advert.body, advert.sourceURL, advert.sourceType = title, body, link, "ad"
    return with_context(words, context)


def disappearing(words: str, seconds: int, set_at: int) -> Content:
    """A text in a chat with this timer."""
    context = e2e.ContextInfo(expiration=seconds, ephemeralSettingTimestamp=set_at)
    return with_context(words, context)


def timer_set(seconds: int, set_at: int) -> Content:
    """Somebody sets the chat's timer, or ends it with 0."""
    body = e2e.Message()
    part = body.protocolMessage
    part.type = e2e.ProtocolMessage.EPHEMERAL_SETTING
    part.ephemeralExpiration, part.ephemeralSettingTimestamp = seconds, set_at
    return Content("protocol", "", body)


def revoke_of(target_id: str, chat: str, participant: str = "") -> Content:
    """Revokes a message of the person in `participant`; phones check the sender."""
    body = e2e.Message()
    part = body.protocolMessage
    part.type = e2e.ProtocolMessage.REVOKE
    part.key.remoteJID, part.key.ID = chat, target_id
    part.key.participant = participant
    return Content("revoke", "", body, edit="8" if participant else "7")


def sealed_edit(
    target_id: str,
    secret: bytes,
    author: str,
    new: e2e.Message | str,
    *,
    editor: str = "",
    from_me: bool = True,
    what: str = "Message Edit",
) -> Content:
    """An edit as phones have sealed it since 2026, with the secret of the edited message.

    `author` and `editor` are JIDs without device; without `editor` it is the author.
    """
    words = new if isinstance(new, str) else ""
    edited = e2e.Message(conversation=new) if isinstance(new, str) else new
    plain = e2e.Message()
    plain.protocolMessage.type = e2e.ProtocolMessage.MESSAGE_EDIT
    plain.protocolMessage.editedMessage.CopyFrom(edited)
    info = f"{target_id}{author}{editor or author}{what}".encode()
    key = HKDF(SHA256(), 32, salt=None, info=info).derive(secret)
    body = e2e.Message()
    sealed = body.secretEncryptedMessage
    sealed.encIV = os.urandom(12)
    sealed.encPayload = AESGCM(key).encrypt(sealed.encIV, plain.SerializeToString(), None)
    sealed.secretEncType = e2e.SecretEncryptedMessage.SecretEncType.Value(
        what.upper().replace(" ", "_")
    )
    sealed.targetMessageKey.ID, sealed.targetMessageKey.fromMe = target_id, from_me
    body.messageContextInfo.messageSecret = os.urandom(32)
    return Content("edit", words, body, edit=_EDIT)
