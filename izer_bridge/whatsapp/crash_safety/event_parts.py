"""Tells which message an event belongs to, from the client's own parsing of its stanza; pure."""

from neonize.proto.Neonize_pb2 import JID, MessageInfo
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.whatsapp.crash_safety.receipt_gate import Part
from izer_bridge.whatsapp.library.log_lines import StanzaSource
from izer_bridge.whatsapp.library.utf8 import text_of

# A group's first message has a part that contains nothing but the key for the other one.
_BEFORE_ANOTHER = frozenset({"senderKeyDistributionMessage", "messageContextInfo"})


def part_of(info: MessageInfo, body: Body | None = None) -> Part:
    """The message part that an event with `body` is; without a body nothing was decrypted."""
    found = info.MessageSource
    fields = {field.name for field, _ in body.ListFields()} if body is not None else set()
    source = StanzaSource(_address(found.Chat), _address(found.Sender))
    return Part(source, text_of(info.ID), is_last=not fields <= _BEFORE_ANOTHER)


def _address(jid: JID) -> str:
    """The address as the client writes it in its log."""
    agent = f".{jid.RawAgent}" if jid.RawAgent else ""
    device = f":{jid.Device}" if jid.Device or agent else ""
    return f"{text_of(jid.User)}{agent}{device}@{text_of(jid.Server)}"
