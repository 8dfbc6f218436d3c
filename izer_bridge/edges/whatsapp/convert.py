"""Turns the client's raw events into messages and names; pure."""

from collections.abc import Iterator
from contextlib import suppress

from google.protobuf.message import DecodeError
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import Conversation
from neonize.proto.waWeb.WAWebProtobufsWeb_pb2 import WebMessageInfo

from izer_bridge.edges.whatsapp import bounds
from izer_bridge.edges.whatsapp.content import Content, content_of
from izer_bridge.edges.whatsapp.events import EventCode
from izer_bridge.edges.whatsapp.mending import mended
from izer_bridge.model.errors import PermanentError
from izer_bridge.model.identity import NUMBER_SERVER, Jid
from izer_bridge.model.message import Kind, Message, Origin
from izer_bridge.model.outbox import ReceiptKind
from izer_bridge.pipeline.reply_ports import Receipt

_PEER = "peer"


def messages_of(code: int, payload: bytes, account: str) -> list[Message]:
    """The messages in one raw event of the inbox; a history chunk holds many.

    Raises PermanentError when `payload` is not what `code` says.
    """
    try:
        if code == EventCode.MESSAGE:
            return list(_live(mended(proto.Message.FromString(payload)), account))
        if code == EventCode.HISTORY_SYNC:
            return list(_history(mended(proto.HistorySync.FromString(payload)), account))
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
    """How far messages that this account has sent have come with their recipients.

    Raises PermanentError when `payload` is not what `code` says.
    """
    if code != EventCode.RECEIPT:
        return []
    try:
        event = proto.Receipt.FromString(payload)
        chat = jid_of(event.MessageSource.Chat)
    except (DecodeError, ValueError) as error:
        raise PermanentError(f"event {code} cannot be read: {type(error).__name__}") from error
    kind = _RECEIPTS.get(event.Type)
    if kind is None or chat is None or event.MessageSource.IsFromMe:
        return []
    at = bounds.moment(event.Timestamp / 1000)
    return [Receipt(account, chat, tuple(event.MessageIDs), kind, at)]


def jid_of(jid: proto.JID) -> Jid | None:
    """The address without its device, or None where the client gave an empty one."""
    if not (jid.User and jid.Server):
        return None
    return Jid.parse(f"{jid.User}@{jid.Server}")


def _live(event: proto.Message, account: str) -> Iterator[Message]:
    info, source = event.Info, event.Info.MessageSource
    if info.Category == _PEER:
        return
    chat = jid_of(source.Chat)
    sender = jid_of(source.Sender) or chat
    if chat is None or sender is None:
        raise ValueError("a message without a chat")
    sender_alt = jid_of(source.SenderAlt)
    if source.IsFromMe:
        sender, sender_alt = _own(account), sender if sender.is_lid else sender_alt
    content = content_of(event.Message)
    yield Message(
        account=account,
        message_id=info.ID,
        chat=chat,
        chat_alt=_direct_alt(source, chat),
        sender=sender,
        sender_alt=sender_alt,
        sent_at=bounds.moment(info.Timestamp / 1000),
        kind=content.kind,
        text=content.text,
        origin=Origin.LIVE,
        from_me=source.IsFromMe,
        sender_name=info.Pushname,
        media=content.media,
        target_id=content.target_id,
    )


def _own(account: str) -> Jid:
    return Jid(account.removeprefix("+"), NUMBER_SERVER)


def _direct_alt(source: proto.MessageSource, chat: Jid) -> Jid | None:
    """A direct chat's partner under the other address; a group has none."""
    if not (chat.is_number or chat.is_lid):
        return None
    return jid_of(source.RecipientAlt if source.IsFromMe else source.SenderAlt)


def _history(event: proto.HistorySync, account: str) -> Iterator[Message]:
    names = {push.ID: push.pushname for push in event.Data.pushnames}
    lids = {pair.pnJID: pair.lidJID for pair in event.Data.phoneNumberToLidMappings}
    others = lids | {lid: number for number, lid in lids.items()}
    for conversation in event.Data.conversations:
        chat = _OldChat(conversation, account, names, others.get(conversation.ID))
        yield from chat.messages()


class _OldChat:
    """One conversation of a history chunk."""

    def __init__(
        self, conversation: Conversation, account: str, names: dict[str, str], mapped: str | None
    ) -> None:
        self._conversation = conversation
        self._account = account
        self._names = names
        self._jid = Jid.parse(conversation.ID)
        self._other = self._other_address(mapped)

    def messages(self) -> Iterator[Message]:
        for entry in self._conversation.messages:
            if entry.message.key.ID:
                yield self._message(entry.message)

    def _other_address(self, mapped: str | None) -> Jid | None:
        """A direct chat's partner under the other address."""
        if not (self._jid.is_number or self._jid.is_lid):
            return None
        for text in (self._conversation.pnJID, self._conversation.lidJID, mapped):
            if text and Jid.parse(text) != self._jid:
                return Jid.parse(text)
        return None

    def _message(self, old: WebMessageInfo) -> Message:
        sender = self._sender(old)
        content = content_of(old.message) if old.HasField("message") else Content(Kind.PROTOCOL)
        return Message(
            account=self._account,
            message_id=old.key.ID,
            chat=self._jid,
            chat_alt=self._other,
            sender=sender,
            sender_alt=self._other if sender == self._jid else None,
            sent_at=bounds.moment(old.messageTimestamp),
            kind=content.kind,
            text=content.text,
            origin=Origin.HISTORY,
            from_me=old.key.fromMe,
            sender_name=old.pushName or self._names.get(str(sender), ""),
            chat_name=self._conversation.name or self._conversation.displayName,
            media=content.media,
            target_id=content.target_id,
        )

    def _sender(self, old: WebMessageInfo) -> Jid:
        if old.key.fromMe:
            return _own(self._account)
        # A chunk of old messages is not given up for one sender that is no address.
        with suppress(ValueError):
            return Jid.parse(old.participant or old.key.participant)
        return self._jid
