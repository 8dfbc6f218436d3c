"""The client's events with arbitrary content: fields of every kind, nested, missing and wrong."""

from functools import cache
from random import Random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from tests.fuzz import mutation

# A text put into a message, and the bytes that replace it on the wire: not UTF-8.
_PLACEHOLDER, _NO_UTF8 = "\x01\x02\x01", b"\xff\xfe\x80"
_DEEP = (5, 30, 95, 300)
_FRACTIONS = (0.0, 41.0, 91.0, -181.0, 1e308, -1e30, float("inf"), float("-inf"), float("nan"))
_MOST_FIELDS = 4
_DEEPEST = 4
_READ = (
    "conversation",
    "extendedTextMessage",
    "imageMessage",
    "documentMessage",
    "locationMessage",
    "reactionMessage",
    "protocolMessage",
    "editedMessage",
)
_PLACES = (
    ("905551112233", "s.whatsapp.net"),
    ("100000000000033", "lid"),
    ("120363000000000042", "g.us"),
    ("status", "broadcast"),
    ("120363000000000001", "newsletter"),
    ("", ""),
)


def body(random: Random) -> bytes:
    """What somebody encrypts and sends; it need not be a message."""
    message = Body()
    _fill(message, random, _DEEPEST)
    if random.random() < 0.1:
        return _wrapped(_wire(message, random), random.choice(_DEEP))
    return _wire(message, random)


def name(random: Random) -> str:
    """What somebody calls themselves."""
    return _text(random).replace(_PLACEHOLDER, "")


def message_event(random: Random) -> bytes:
    """Event 17."""
    event = proto.Message()
    info, source = event.Info, event.Info.MessageSource
    info.ID = f"3EB0{random.getrandbits(48):012X}" if random.random() < 0.9 else _text(random)
    info.Timestamp = 1_772_366_400_000 if random.random() < 0.9 else _integer(random, 63)
    info.Pushname = _text(random)
    for address in (source.Chat, source.Sender, source.SenderAlt, source.RecipientAlt):
        address.User, address.Server = random.choice(_PLACES)
        if random.random() < 0.05:
            address.User = _text(random)
    source.IsFromMe, source.IsGroup = random.random() < 0.2, random.random() < 0.2
    _fill(event.Message, random, _DEEPEST)
    return _wire(event, random)


def history_event(random: Random) -> bytes:
    """Event 13."""
    event = proto.HistorySync()
    for _ in range(random.randint(0, 2)):
        conversation = event.Data.conversations.add()
        conversation.ID = "@".join(random.choice(_PLACES[:4]))
        conversation.name = _text(random)
        for _ in range(random.randint(0, 3)):
            old = conversation.messages.add().message
            _fill(old, random, 2)
            old.key.ID = f"3EB0{random.getrandbits(48):012X}"
            _fill(old.message, random, _DEEPEST)
    _fill(event.Data, random, 1)
    return _wire(event, random)


def receipt_event(random: Random) -> bytes:
    """Event 18."""
    event = proto.Receipt()
    _fill(event, random, _DEEPEST)
    return _wire(event, random)


def undecryptable_event(random: Random) -> bytes:
    """Event 44."""
    event = proto.UndecryptableMessage()
    _fill(event, random, _DEEPEST)
    return _wire(event, random)


def _wire(event: Message, random: Random) -> bytes:
    raw = event.SerializePartialToString().replace(_PLACEHOLDER.encode(), _NO_UTF8)
    match random.randrange(12):
        case 0 | 1:
            return mutation.scarred(raw, random)
        case 2:
            return random.randbytes(random.randint(0, 100))
        case _:
            return raw


def _wrapped(raw: bytes, levels: int) -> bytes:
    """The body `raw` in this many wrappers; by hand, since no library writes so deep a message."""
    outer = Body.DESCRIPTOR.fields_by_name["ephemeralMessage"]
    for _ in range(levels):
        for number in (1, outer.number):
            raw = _varint(number << 3 | 2) + _varint(len(raw)) + raw
    return raw


def _varint(number: int) -> bytes:
    found = b""
    while number > 127:
        found += bytes([number & 127 | 128])
        number >>= 7
    return found + bytes([number])


def _fill(message: Message, random: Random, levels: int) -> None:
    fields = _fields(message.DESCRIPTOR)
    if not fields:
        return
    for _ in range(random.randint(1, _MOST_FIELDS)):
        field = random.choice(fields)
        if field.is_repeated:
            _add(message, field, random, levels)
        elif field.message_type is None:
            setattr(message, field.name, _scalar(field, random))
        elif levels:
            part = getattr(message, field.name)
            part.SetInParent()
            _fill(part, random, levels - 1)


def _add(message: Message, field: FieldDescriptor, random: Random, levels: int) -> None:
    if field.message_type is None:
        getattr(message, field.name).append(_scalar(field, random))
    elif levels and not field.message_type.GetOptions().map_entry:
        _fill(getattr(message, field.name).add(), random, levels - 1)


@cache
def _fields(descriptor: Descriptor) -> list[FieldDescriptor]:
    """Fields of a message's body that a reader knows come more often."""
    fields = list(descriptor.fields)
    if descriptor is Body.DESCRIPTOR:
        fields += 8 * [descriptor.fields_by_name[name] for name in _READ]
    return fields


def _scalar(field: FieldDescriptor, random: Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
            return random.randbytes(random.randint(0, 40))
        case FieldDescriptor.CPPTYPE_STRING:
            return _text(random)
        case FieldDescriptor.CPPTYPE_BOOL:
            return random.random() < 0.5
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return random.choice(_FRACTIONS)
        case FieldDescriptor.CPPTYPE_ENUM if field.enum_type is not None:
            return random.choice(field.enum_type.values).number
        case FieldDescriptor.CPPTYPE_INT32:
            return _integer(random, 31)
        case FieldDescriptor.CPPTYPE_UINT32:
            return abs(_integer(random, 32))
        case FieldDescriptor.CPPTYPE_INT64:
            return _integer(random, 63)
        case _:
            return abs(_integer(random, 64))


def _integer(random: Random, bits: int) -> int:
    number = random.getrandbits(random.randrange(1, bits + 1))
    if random.random() < 0.5:
        number = random.choice([one for one in mutation.EXTREMES if one < 2**bits])
    return -number if bits in (31, 63) and random.random() < 0.2 else number


def _text(random: Random) -> str:
    """Protobuf accepts no half surrogates."""
    if random.random() < 0.05:
        return f"a{_PLACEHOLDER}b"
    return mutation.text(random).encode("utf-8", "replace").decode()
