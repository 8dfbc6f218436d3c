"""The messages of a history chunk. A malformed part costs only itself, and the log counts it."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

import structlog
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import Conversation
from neonize.proto.waWeb.WAWebProtobufsWeb_pb2 import WebMessageInfo

from izer_bridge.domain.context_info import Timer
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message, Origin
from izer_bridge.whatsapp.convert.body import unread_of
from izer_bridge.whatsapp.convert.context_info import SenderAddresses, timer
from izer_bridge.whatsapp.convert.reading import read
from izer_bridge.whatsapp.convert.sealed import SecretsOf
from izer_bridge.whatsapp.library import bounds
from izer_bridge.whatsapp.library.addresses import address_in, own
from izer_bridge.whatsapp.session import Secret

log = structlog.get_logger(__name__)


def history_of(
    event: proto.HistorySync, account: str, zone: tzinfo, secrets_of: SecretsOf
) -> Iterator[Message]:
    """The messages of all its conversations that have an address."""
    names = {push.ID: push.pushname for push in event.Data.pushnames}
    lids = {pair.pnJID: pair.lidJID for pair in event.Data.phoneNumberToLidMappings}
    others = lids | {lid: number for number, lid in lids.items()}
    chats = messages = 0
    for conversation in event.Data.conversations:
        jid = address_in(conversation.ID)
        if jid is None:
            chats += 1
            continue
        chat = _OldChat(conversation, jid, account, names, others.get(conversation.ID), zone)
        yield from chat.messages(secrets_of)
        messages += chat.passed_over
    if chats or messages:
        log.warning("history_passed_over", conversations=chats, messages=messages)


class _OldChat:
    """One conversation; `passed_over` counts its messages without an id or a time."""

    def __init__(
        self,
        conversation: Conversation,
        jid: Jid,
        account: str,
        names: dict[str, str],
        mapped: str | None,
        zone: tzinfo,
    ) -> None:
        self.passed_over = 0
        self._conversation = conversation
        self._account = account
        self._names = names
        self._zone = zone
        self._jid = jid
        self._other = self._other_address(mapped)
        self._own = own(account)
        self._name = bounds.name(conversation.name or conversation.displayName)
        self._writers: dict[str, Jid] = {}
        self._spelled: dict[str, str] = {}

    def messages(self, secrets_of: SecretsOf) -> Iterator[Message]:
        """Newest first, as they come; one without a time gets its neighbour's."""
        known_at = bounds.moment_in_any_unit(self._conversation.conversationTimestamp)

        def all_secrets_of(message_id: str) -> list[Secret]:
            return [*self._carried_secrets(message_id), *secrets_of(message_id)]

        for entry in self._conversation.messages:
            known_at = bounds.moment_in_any_unit(entry.message.messageTimestamp) or known_at
            if known_at is None or not entry.message.key.ID:
                self.passed_over += 1
            else:
                yield self._message(entry.message, known_at, all_secrets_of)

    def _other_address(self, mapped: str | None) -> Jid | None:
        """A direct chat's partner under the other address."""
        if not (self._jid.is_number or self._jid.is_lid):
            return None
        texts = (self._conversation.pnJID, self._conversation.lidJID, mapped)
        found = (address_in(text) for text in texts if text)
        return next((jid for jid in found if jid not in (None, self._jid)), None)

    def _message(self, old: WebMessageInfo, sent_at: datetime, secrets_of: SecretsOf) -> Message:
        sender = self._sender(old)
        sender_alt = self._other if sender == self._jid else None
        writer = SenderAddresses(
            [jid for jid in (sender, sender_alt) if jid is not None],
            self._account,
            old.key.fromMe,
            not self._jid.is_group,
        )
        said = read(old.message, writer, sent_at, self._zone, secrets_of)
        content = said.content
        is_to_list = self._jid.is_broadcast_list and not old.key.fromMe
        verified = self._fit(old.verifiedBizName)
        return Message(
            account=self._account,
            message_id=old.key.ID,
            chat=sender if is_to_list else self._jid,
            chat_alt=self._other,
            sender=sender,
            sender_alt=sender_alt,
            sent_at=sent_at,
            kind=content.kind,
            text=content.text,
            origin=Origin.HISTORY,
            from_me=old.key.fromMe,
            sender_name=verified or self._fit(old.pushName) or self._fit(self._told_of(sender)),
            has_verified_name=bool(verified),
            chat_name=self._name,
            media=content.media,
            target_id=content.target_id,
            unread=unread_of(content, old.message),
            call=content.call,
            options=content.options,
            context=said.context,
            timer=self._timer(sent_at) or said.timer,
        )

    def _told_of(self, sender: Jid) -> str:
        """The push names that the chunk contains."""
        return self._names.get(str(sender), "")

    def _fit(self, name: str) -> str:
        """A chat's few names appear in each of its messages."""
        if name not in self._spelled:
            self._spelled[name] = bounds.name(name)
        return self._spelled[name]

    def _timer(self, sent_at: datetime) -> Timer | None:
        """The chat's timer as the phone states it."""
        chat = self._conversation
        if not chat.HasField("ephemeralExpiration"):
            return None
        return timer(chat.ephemeralExpiration, chat.ephemeralSettingTimestamp, sent_at)

    def _carried_secrets(self, message_id: str) -> list[Secret]:
        """A chunk carries its messages' secrets, which the client may not have stored yet."""
        return [
            Secret(entry.message.messageSecret, (self._sender(entry.message),))
            for entry in self._conversation.messages
            if message_id == entry.message.key.ID and entry.message.messageSecret
        ]

    def _sender(self, old: WebMessageInfo) -> Jid:
        if old.key.fromMe:
            return self._own
        text = old.participant or old.key.participant
        if text not in self._writers:
            self._writers[text] = address_in(text) or self._jid
        return self._writers[text]
