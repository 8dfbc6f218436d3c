"""A phone's old messages as history chunks; pure except for the media server that keeps them."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import Conversation, HistorySync

from izer_bridge.simulator.content import Content
from izer_bridge.simulator.media import MediaServer
from izer_bridge.simulator.people import Group, Person, message_id

Chat = Person | Group


class Chunk(IntEnum):
    """Which part of the history a chunk is; the protocol's numbers."""

    BOOTSTRAP = 0
    RECENT = 3
    PUSH_NAMES = 4


@dataclass(frozen=True)
class OldMessage:
    """One old message; `sender` is None for the account's own, and a member in a group."""

    content: Content
    sent_at: datetime
    sender: Person | None
    id: str = field(default_factory=message_id)


def history_sync(
    kind: Chunk, chats: Mapping[Chat, Sequence[OldMessage]], order: int
) -> HistorySync:
    """The chunk as the phone builds it, newest message of a chat first."""
    chunk = HistorySync(syncType=int(kind), chunkOrder=order, progress=100)
    for chat, messages in chats.items():
        _fill(chunk.conversations.add(), chat, messages)
    people = {old.sender for messages in chats.values() for old in messages if old.sender}
    for person in sorted(people, key=lambda person: person.number):
        chunk.pushnames.add(ID=str(person.address), pushname=person.name)
        if person.by_lid is not None and person.addressed_by != "lid_only":
            chunk.phoneNumberToLidMappings.add(
                pnJID=str(person.by_number), lidJID=str(person.by_lid)
            )
    return chunk


def notification(chunk: HistorySync, media: MediaServer, *, inline: bool = False) -> e2e.Message:
    """The phone's peer message that announces the chunk, which is inside it or uploaded."""
    body = e2e.Message()
    body.protocolMessage.type = e2e.ProtocolMessage.HISTORY_SYNC_NOTIFICATION
    notice = body.protocolMessage.historySyncNotification
    notice.syncType = chunk.syncType
    notice.chunkOrder = chunk.chunkOrder
    notice.progress = chunk.progress
    blob = zlib.compress(chunk.SerializeToString())
    if inline:
        notice.initialHistBootstrapInlinePayload = blob
        return body
    stored = media.store(blob, "History")
    notice.directPath = f"{stored.path}?ccb=1"
    notice.mediaKey = stored.key
    notice.fileSHA256 = stored.plain_hash
    notice.fileEncSHA256 = stored.encrypted_hash
    notice.fileLength = stored.size
    return body


def _fill(conversation: Conversation, chat: Chat, messages: Sequence[OldMessage]) -> None:
    conversation.ID = str(chat.address)
    conversation.name = chat.name
    for old in sorted(messages, key=lambda old: old.sent_at, reverse=True):
        stored = conversation.messages.add().message
        stored.key.remoteJID, stored.key.ID = conversation.ID, old.id
        stored.key.fromMe = old.sender is None
        stored.messageTimestamp = int(old.sent_at.timestamp())
        stored.message.CopyFrom(old.content.body)
        if old.sender is not None:
            stored.pushName = old.sender.name
            if isinstance(chat, Group):
                stored.participant = str(old.sender.by_lid or old.sender.by_number)
