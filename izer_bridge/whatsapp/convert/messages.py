"""Converts the client's raw events into messages; its only side effect is logging."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta, tzinfo

from google.protobuf.message import DecodeError
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.context_info import NO_CONTEXT
from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message, Origin
from izer_bridge.domain.outbox_state import ReceiptKind
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.whatsapp.convert import votes
from izer_bridge.whatsapp.convert.body import Content, unread_of, withheld
from izer_bridge.whatsapp.convert.context_info import SenderAddresses
from izer_bridge.whatsapp.convert.history import history_of
from izer_bridge.whatsapp.convert.incoming_calls import call_of
from izer_bridge.whatsapp.convert.kinds import media
from izer_bridge.whatsapp.convert.reading import read
from izer_bridge.whatsapp.convert.sealed import SecretsOf, no_secrets
from izer_bridge.whatsapp.event_codes import CALLS, EventCode
from izer_bridge.whatsapp.library import bounds
from izer_bridge.whatsapp.library.addresses import jid_of, own
from izer_bridge.whatsapp.library.utf8 import mended

_PEER = "peer"
# The client says the same about a group message whose sender key it lacks, and requests it again:
# it arrives within a second or so, and would be answered a second time.
_COMES_WITHIN = timedelta(seconds=10)


def messages_of(
    code: int,
    payload: bytes,
    account: str,
    zone: tzinfo = UTC,
    secrets_of: SecretsOf = no_secrets,
) -> list[Message]:
    """The messages in one raw event of the inbox; a history chunk contains many.

    Times within their words are shown in `zone`. `secrets_of` finds the secrets that open sealed
    edits, by the id of the edited message.

    Raises PermanentError if `payload` does not fit `code`.
    """
    try:
        if code == EventCode.MESSAGE:
            event = mended(proto.Message.FromString(payload))
            return list(_live(event, account, zone, secrets_of))
        if code == EventCode.HISTORY_SYNC:
            chunk = mended(proto.HistorySync.FromString(payload))
            return list(history_of(chunk, account, zone, secrets_of))
        if code in CALLS:
            return list(call_of(code, payload, account))
        if code == EventCode.UNDECRYPTABLE:
            return list(
                _unavailable(mended(proto.UndecryptableMessage.FromString(payload)), account)
            )
    except (DecodeError, ValueError, OverflowError) as error:
        raise PermanentError(f"event {code} cannot be read: {type(error).__name__}") from error
    return []


def is_from_phone(code: int, payload: bytes) -> bool:
    """Whether the account's own phone, which is device 0, has sent this event."""
    if code != EventCode.MESSAGE:
        return False
    info = proto.Message.FromString(payload).Info
    source = info.MessageSource
    return bool(info.Category == _PEER or (source.IsFromMe and source.Sender.Device == 0))


_RECEIPTS = {
    proto.Receipt.DELIVERED: ReceiptKind.DELIVERED,
    proto.Receipt.INACTIVE: ReceiptKind.DELIVERED,
    proto.Receipt.READ: ReceiptKind.READ,
    proto.Receipt.PLAYED: ReceiptKind.READ,
}


def receipts_of(code: int, payload: bytes, account: str) -> list[Receipt]:
    """The recipients' receipts for messages that this account has sent.

    Raises PermanentError if `payload` does not fit `code`.
    """
    if code != EventCode.RECEIPT:
        return []
    try:
        event = mended(proto.Receipt.FromString(payload))
        chat = jid_of(event.MessageSource.Chat)
    except (DecodeError, ValueError) as error:
        raise PermanentError(f"event {code} cannot be read: {type(error).__name__}") from error
    kind = _RECEIPTS.get(event.Type)
    if kind is None or chat is None or event.MessageSource.IsFromMe:
        return []
    at = bounds.moment(event.Timestamp / 1000)
    return [Receipt(account, chat, tuple(event.MessageIDs), kind, at)]


def _live(
    event: proto.Message, account: str, zone: tzinfo, secrets_of: SecretsOf
) -> Iterator[Message]:
    if event.Info.Category == _PEER:
        return
    writer = _writer(event.Info.MessageSource, account)
    sent_at = bounds.moment(event.Info.Timestamp / 1000)
    said = read(event.Message, writer, sent_at, zone, secrets_of)
    content = said.content
    # The client has opened the wrapper already, and says so here.
    if event.IsViewOnce or event.IsViewOnceV2 or event.IsViewOnceV2Extension:
        content = withheld(content)
    message = _told(event.Info, account, content, event.Message)
    message = votes.opened(message, said.body, secrets_of, writer.addresses)
    is_bare = said.context is NO_CONTEXT and said.timer is None
    yield message if is_bare else replace(message, context=said.context, timer=said.timer)


def _writer(source: proto.MessageSource, account: str) -> SenderAddresses:
    known = [own(account)] if source.IsFromMe else []
    both = [jid for jid in map(jid_of, (source.Sender, source.SenderAlt)) if jid is not None]
    chat = jid_of(source.Chat)
    is_direct = chat is not None and not chat.is_group
    return SenderAddresses([*known, *both], account, source.IsFromMe, is_direct)


def _unavailable(event: proto.UndecryptableMessage, account: str) -> Iterator[Message]:
    """A message that WhatsApp withholds from linked devices is recorded as just that."""
    info = event.Info
    if event.IsUnavailable and info.Category != _PEER:
        is_medium = info.Type == "media"
        what = "tek gösterimlik fotoğraf, video ya da ses" if is_medium else "mesaj"
        message = _told(info, account, media.phone_only(what))
        may_come = info.MessageSource.IsGroup
        yield replace(message, settles_at=message.sent_at + _COMES_WITHIN if may_come else None)


def _told(
    info: proto.MessageInfo, account: str, content: Content, body: Body | None = None
) -> Message:
    source = info.MessageSource
    sender = jid_of(source.Sender) or jid_of(source.Chat)
    # A message from somebody to no chat is addressed to us.
    is_to_us = not (source.IsFromMe or source.IsGroup or source.Chat.User)
    chat = jid_of(source.Chat) or (sender if is_to_us else None)
    if chat is None or sender is None:
        raise ValueError("a message without a chat")
    sender_alt = jid_of(source.SenderAlt)
    if source.IsFromMe:
        sender, sender_alt = own(account), sender if sender.is_lid else sender_alt
    chat_alt = _direct_alt(source, chat)
    if chat.is_broadcast_list and not source.IsFromMe:
        # A message to a broadcast list is a direct message to each person on it.
        chat, chat_alt = sender, sender_alt
    verified = bounds.name(info.VerifiedName.Details.verifiedName)
    return Message(
        account=account,
        message_id=info.ID,
        chat=chat,
        chat_alt=chat_alt,
        sender=sender,
        sender_alt=sender_alt,
        sent_at=bounds.moment(info.Timestamp / 1000),
        kind=content.kind,
        text=content.text,
        origin=Origin.LIVE,
        from_me=source.IsFromMe,
        sender_name=verified or bounds.name(info.Pushname),
        has_verified_name=bool(verified),
        media=content.media,
        target_id=content.target_id,
        unread=unread_of(content, body),
        call=content.call,
        options=content.options,
    )


def _direct_alt(source: proto.MessageSource, chat: Jid) -> Jid | None:
    """A direct chat's partner under the other address; a group has none."""
    if not (chat.is_number or chat.is_lid):
        return None
    return jid_of(source.RecipientAlt if source.IsFromMe else source.SenderAlt)
