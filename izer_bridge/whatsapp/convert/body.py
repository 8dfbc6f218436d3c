"""Reads a WhatsApp message's content from its protobuf, with the reader of its kind; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Any

from google.protobuf.message import DecodeError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (
    KeepType,
    MessageAssociation,
    PinInChatMessage,
    ProtocolMessage,
    SecretEncryptedMessage,
)
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.message import NOT_SAID, UNREADABLE_EDIT, Kind, Unread, called
from izer_bridge.whatsapp.convert.kinds import (
    answers,
    business,
    calls,
    media,
    people,
    places,
    polls,
    rich,
    trade,
    unknown,
)
from izer_bridge.whatsapp.convert.kinds.content import Content as Content
from izer_bridge.whatsapp.convert.kinds.content import together
from izer_bridge.whatsapp.convert.kinds.silent import SILENT
from izer_bridge.whatsapp.library import bounds
from izer_bridge.whatsapp.library.utf8 import mended

_WRAPPER = "FutureProofMessage"
_DEEPEST_WRAPPING = 8
_VIEW_ONCE = frozenset({"viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension"})
# The same photo or video again, or a picture that belongs to a separate message.
_BELONGS_TO_ANOTHER = {
    MessageAssociation.HD_IMAGE_DUAL_UPLOAD: "aynı fotoğrafın HD hali",
    MessageAssociation.HD_VIDEO_DUAL_UPLOAD: "aynı videonun HD hali",
    MessageAssociation.HEVC_VIDEO_DUAL_UPLOAD: "aynı videonun HD hali",
    MessageAssociation.MOTION_PHOTO: "aynı fotoğrafın hareketli hali",
    MessageAssociation.EVENT_COVER_IMAGE: "etkinliğin kapak fotoğrafı",
    MessageAssociation.MEDIA_POLL: "anket seçeneğinin fotoğrafı",
}
_SEALED_EDITS = {
    SecretEncryptedMessage.MESSAGE_EDIT: UNREADABLE_EDIT,
    SecretEncryptedMessage.EVENT_EDIT: "[etkinlik düzenlendi]",
    SecretEncryptedMessage.POLL_EDIT: "[anket düzenlendi]",
}
_SEALED = {SecretEncryptedMessage.POLL_ADD_OPTION: "ankete seçenek eklendi"}


def content_of(body: Body, zone: tzinfo = UTC) -> Content:
    """Read `body`; times in it are shown in `zone`.

    What no reader knows is `unsupported`, with its words, else with the name of its kind.
    """
    return _content(body, zone, _DEEPEST_WRAPPING)


def unread_of(content: Content, body: Body | None) -> Unread | None:
    """The part of it that a later version may be able to read."""
    if not content.unread or body is None:
        return None
    # A part may lack fields that its kind requires.
    return Unread(content.unread, body.SerializePartialToString())


def read_again(payload: bytes, zone: tzinfo) -> Content | None:
    """What such a message is now; None if it is still unknown, or was too large to keep."""
    try:
        content = content_of(mended(Body.FromString(payload)), zone)
    except DecodeError:
        return None
    return None if content.unread or not payload else content


def _content(body: Body, zone: tzinfo, depth: int) -> Content:
    belonging = _belonging(body)
    if belonging is not None:
        return belonging
    levels = list(_levels(body))
    content = _read(levels, zone, depth)
    return withheld(content) if _is_view_once(body, levels[-1]) else content


def _is_view_once(body: Body, inner: Body) -> bool:
    """Judged by its wrapper, or by the file's own flag, which some phones send alone."""
    parts = (part for _, part in inner.ListFields())
    return any(body.HasField(name) for name in _VIEW_ONCE) or any(
        getattr(part, "viewOnce", False) for part in parts
    )


def withheld(content: Content) -> Content:
    """The content if it arrived whole; otherwise only the caption arrives, if anything."""
    has_file = content.media is not None and content.media.source is not None
    if has_file or (content.media is None and content.text and not content.unread):
        return content
    shown = media.phone_only(f"tek gösterimlik {called(content.kind)}")
    caption = content.text if content.media is not None else ""
    return replace(shown, text=f"{shown.text} {caption}".rstrip())


def _read(levels: Sequence[Body], zone: tzinfo, depth: int) -> Content:
    """All its content: a hand-written message has one part, but a program may send several."""
    parts = [(field.name, part) for level in levels for field, part in level.ListFields()]
    found = [
        _targeted(_part(name, part, zone, depth), part)
        for name, part in parts
        if name in READ_FIELDS
    ]
    done = [one for one in found if one.kind in NOT_SAID]
    if changes := [one for one in done if one.kind in _CHANGES]:
        return changes[0]
    if said := [one for one in found if _says_something(one)]:
        return together(said)
    body = levels[-1]
    names = {field.name for field, _ in body.ListFields()} - SILENT.keys() - _MAY_BE_EMPTY
    if not done and (names or unknown.has_unknown_fields(body)):
        return unknown.unknown(body, names)
    return next(iter([*done, *found]), Content(Kind.PROTOCOL))


def _targeted(content: Content, part: Any) -> Content:
    target_id = content.target_id or _quoted_id(part)
    return replace(content, text=bounds.text(content.text), target_id=target_id)


def _says_something(content: Content) -> bool:
    return content.kind not in NOT_SAID and bool(content.text or content.media)


def _part(name: str, part: Any, zone: tzinfo, depth: int) -> Content:
    if name in _PLAIN:
        return _PLAIN[name](part)
    if name in _TIMED:
        return _TIMED[name](part, zone)
    return _HOLDING[name](part, lambda inner: _within(inner, zone, depth))


def _within(body: Body, zone: tzinfo, depth: int) -> Content:
    """A message within a message; an endless nesting yields nothing."""
    return _content(body, zone, depth - 1) if depth > 0 else Content(Kind.PROTOCOL)


def _quoted_id(part: Any) -> str | None:
    """The message that this one answers; a plain text is a `str` and answers none."""
    context = getattr(part, "contextInfo", None)
    return (context.stanzaID or None) if context is not None else None


def unwrapped(body: Body) -> Body:
    """The innermost message of ephemeral, view-once, edited and device-sent wrappers."""
    return list(_levels(body))[-1]


def _levels(body: Body) -> Iterator[Body]:
    """A message and the contents of its wrappers, outermost first."""
    yield body
    for _ in range(_DEEPEST_WRAPPING):
        inner = _inner(body)
        if inner is None:
            return
        body = inner
        yield body


def _inner(body: Body) -> Body | None:
    for field, value in body.ListFields():
        if field.name == "deviceSentMessage" or (
            field.message_type is not None and field.message_type.name == _WRAPPER
        ):
            return value.message if value.HasField("message") else None
    return None


def _belonging(body: Body) -> Content | None:
    """A part of another message, at any level of wrapping."""
    for level in _levels(body):
        association = level.messageContextInfo.messageAssociation
        label = _BELONGS_TO_ANOTHER.get(association.associationType)
        if label and association.parentMessageKey.ID:
            return Content(Kind.PROTOCOL, f"[{label}]", target_id=association.parentMessageKey.ID)
    return None


def _fixed(kind: Kind, text: str = "") -> Callable[[Any], Content]:
    return lambda _: Content(kind, text)


def _extended_text(part: Any) -> Content:
    shown = " – ".join(filter(None, map(bounds.line, (part.title, part.description))))
    return Content(Kind.TEXT, bounds.text(part.text) or shown)


def _pin(part: Any) -> Content:
    is_pinned = part.type != PinInChatMessage.UNPIN_FOR_ALL
    said = "mesaj sabitlendi" if is_pinned else "sabitleme kaldırıldı"
    return Content(Kind.PROTOCOL, f"[{said}]", target_id=part.key.ID or None)


def _keep(part: Any) -> Content:
    is_kept = part.keepType != KeepType.UNDO_KEEP_FOR_ALL
    said = "mesaj saklandı" if is_kept else "mesaj artık saklanmıyor"
    return Content(Kind.PROTOCOL, f"[{said}]", target_id=part.key.ID or None)


def _sealed(part: Any) -> Content:
    """An edit that could not be opened; an option added to a poll changes no words."""
    edited = _SEALED_EDITS.get(part.secretEncType)
    if edited and part.targetMessageKey.ID:
        return Content(Kind.EDIT, edited, target_id=part.targetMessageKey.ID)
    label = _SEALED.get(part.secretEncType, "şifreli değişiklik")
    return Content(Kind.PROTOCOL, f"[{label}]", target_id=part.targetMessageKey.ID or None)


Reading = Callable[[Body], Content]


def _protocol(part: Any, read: Reading) -> Content:
    if part.type == ProtocolMessage.MESSAGE_EDIT and part.HasField("editedMessage"):
        edited = read(part.editedMessage)
        return Content(Kind.EDIT, edited.text, edited.media, part.key.ID)
    if part.type == ProtocolMessage.REVOKE and part.key.ID:
        return Content(Kind.REVOKE, target_id=part.key.ID)
    return Content(Kind.PROTOCOL)


def _comment(part: Any, read: Reading) -> Content:
    return replace(read(part.message), target_id=part.targetMessageKey.ID or None)


def _noted(line: Callable[[Any], str]) -> Callable[[Any, Reading], Content]:
    """A payment's content, whose note is a message."""

    def read_payment(part: Any, read: Reading) -> Content:
        note = read(part.noteMessage).text if part.HasField("noteMessage") else ""
        return Content(Kind.TEXT, f"{line(part)} {note}".rstrip())

    return read_payment


def _about(kind: Kind, label: str, key: str) -> Callable[[Any], Content]:
    """A line that only states what was done to the message under `key`."""
    return lambda part: Content(kind, f"[{label}]", target_id=getattr(part, key).ID or None)


def _answered(part: Any) -> Content:
    return Content(Kind.TEXT, bounds.text(part.text), target_id=part.key.ID or None)


_PLAIN: dict[str, Callable[[Any], Content]] = {
    "conversation": lambda part: Content(Kind.TEXT, bounds.text(part)),
    "extendedTextMessage": _extended_text,
    "imageMessage": media.medium(Kind.IMAGE),
    "videoMessage": media.medium(Kind.VIDEO),
    "ptvMessage": media.medium(Kind.VIDEO),
    "audioMessage": media.audio,
    "documentMessage": media.medium(Kind.DOCUMENT),
    "stickerMessage": media.medium(Kind.STICKER),
    "albumMessage": media.album,
    "stickerPackMessage": media.sticker_pack,
    "musicMessage": media.music,
    "placeholderMessage": lambda _: media.phone_only("gizli mesaj"),
    "encCommentMessage": lambda _: media.phone_only("yorum", "encCommentMessage"),
    "conditionalRevealMessage": lambda _: media.phone_only(
        "zamanlanmış mesaj", "conditionalRevealMessage"
    ),
    "locationMessage": places.location,
    "liveLocationMessage": places.location,
    "contactMessage": people.contact,
    "contactsArrayMessage": people.contacts,
    "chat": people.shared_chat,
    "groupInviteMessage": people.group_invitation,
    "newsletterAdminInviteMessage": people.channel_invitation,
    "newsletterFollowerInviteMessageV2": people.channel_invitation,
    # It asks for something that only a person may give away.
    "requestPhoneNumberMessage": _fixed(Kind.UNSUPPORTED, "[telefon numaranızı istiyor]"),
    "pollCreationMessage": polls.poll,
    "pollCreationMessageV2": polls.poll,
    "pollCreationMessageV3": polls.poll,
    "pollCreationMessageV5": polls.poll,
    "pollCreationMessageV6": polls.poll,
    "pollResultSnapshotMessage": polls.poll_result,
    "pollResultSnapshotMessageV3": polls.poll_result,
    "pollUpdateMessage": polls.vote,
    "pollAddOptionMessage": polls.new_option,
    "orderMessage": trade.order,
    "productMessage": trade.product,
    "invoiceMessage": trade.invoice,
    "paymentReminderMessage": trade.payment_reminder,
    "splitPaymentMessage": trade.split_payment,
    "splitPaymentUpdateMessage": _fixed(Kind.PROTOCOL, "[hesap bölüşme güncellendi]"),
    "declinePaymentRequestMessage": _about(Kind.PROTOCOL, "ödeme isteği reddedildi", "key"),
    "cancelPaymentRequestMessage": _about(Kind.PROTOCOL, "ödeme isteği iptal edildi", "key"),
    "paymentInviteMessage": _fixed(Kind.PROTOCOL, "[ödeme daveti]"),
    "call": lambda _: calls.missed_call(is_video=False),
    "callLogMesssage": calls.call_log,
    "bcallMessage": calls.broadcast_call,
    "scheduledCallEditMessage": _about(Kind.TEXT, "planlanan arama iptal edildi", "key"),
    "templateMessage": business.template,
    "highlyStructuredMessage": business.structured,
    "buttonsMessage": business.buttons,
    "listMessage": business.list_of_rows,
    "interactiveMessage": business.interactive,
    "buttonsResponseMessage": answers.button,
    "templateButtonReplyMessage": answers.template_button,
    "listResponseMessage": answers.list_row,
    "interactiveResponseMessage": answers.flow,
    "reactionMessage": lambda part: Content(
        Kind.REACTION, bounds.name(part.text), target_id=part.key.ID
    ),
    "encReactionMessage": _about(Kind.REACTION, "tepki", "targetMessageKey"),
    "encEventResponseMessage": _about(Kind.REACTION, "etkinliğe yanıt", "eventCreationMessageKey"),
    "keepInChatMessage": _keep,
    "pinInChatMessage": _pin,
    "secretEncryptedMessage": _sealed,
    "statusNotificationMessage": _about(Kind.PROTOCOL, "durum bildirimi", "originalMessageKey"),
    "statusStickerInteractionMessage": _about(Kind.REACTION, "çıkartma", "key"),
    "statusQuestionAnswerMessage": _answered,
    "questionResponseMessage": _answered,
    "statusQuotedMessage": lambda part: Content(
        Kind.TEXT, bounds.text(part.text), target_id=part.originalStatusID.ID or None
    ),
    "richResponseMessage": rich.answer,
}
_TIMED: dict[str, Callable[[Any, tzinfo], Content]] = {
    "eventMessage": places.event,
    "eventInviteMessage": places.event_invitation,
    "scheduledCallCreationMessage": places.planned_call,
}
_HOLDING: dict[str, Callable[[Any, Reading], Content]] = {
    "protocolMessage": _protocol,
    "commentMessage": _comment,
    "sendPaymentMessage": _noted(lambda _: "[ödeme gönderildi]"),
    "requestPaymentMessage": _noted(trade.payment_request),
}
_BY_KIND = (*_HOLDING, *_PLAIN, *_TIMED)
READ_FIELDS = frozenset(_BY_KIND)
# They change an earlier message, whatever words come with them.
_CHANGES = frozenset({Kind.EDIT, Kind.REVOKE})
# A person sees these as empty too.
_MAY_BE_EMPTY = frozenset({"conversation", "extendedTextMessage"})
