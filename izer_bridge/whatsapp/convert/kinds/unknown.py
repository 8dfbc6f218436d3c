"""Content that no reader knows: text at any depth, else the name of the kind; pure."""

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, listed
from izer_bridge.whatsapp.library import bounds

_DEEPEST = 12
_MOST_FIELDS = 500
_MOST_WORDS = 20
_BYTES_WIRE_TYPE = 2
# Names of fields that people read, with any prefix.
_READ_BY_PEOPLE = re.compile(
    r"(text|caption|title|subtitle|name|body|description|note|label|message|question|answer"
    r"|comment|content|footer|header|fallback|reason)$",
    re.IGNORECASE,
)
_FOR_PROGRAMS = re.compile(r"(file|icon|author|element)name$|contextinfo", re.IGNORECASE)
# Each takes one pass: a stranger's hundred thousand letters must not hold up everybody.
_IS_TEXT = re.compile(r"[^\W\d_]{2}.*\s\S|[^\W\d_]{2,}[!?.]?$", re.DOTALL)
_IS_CODE = re.compile(r"(?=\S*$)[^@/=\\]*[@/=\\]")


def unknown(body: Message, names: set[str]) -> Content:
    """The content of a message of which only these fields are known."""
    words = "\n".join(listed(_words(body, _DEEPEST), _MOST_WORDS))
    kind = ", ".join(sorted(names)) or f"field {_numbers(body)}"
    text = bounds.text(words) or f"[desteklenmeyen mesaj türü: {kind}]"
    return Content(Kind.UNSUPPORTED, text, unread=bounds.name(kind))


def has_unknown_fields(body: Message) -> bool:
    """Whether a later WhatsApp wrote fields into it that this version's descriptor lacks."""
    return bool(_unknown_fields(body))


def _unknown_fields(body: Message) -> list[Any]:
    fields: Any = UnknownFieldSet(body)
    return list(fields)


def _numbers(body: Message) -> str:
    return ", ".join(sorted({str(field.field_number) for field in _unknown_fields(body)}))


def _words(body: Message, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    for field, value in body.ListFields()[:_MOST_FIELDS]:
        if _FOR_PROGRAMS.search(field.name):
            continue
        values = list(value)[:_MOST_FIELDS] if _is_list(field) else [value]
        if field.message_type is not None:
            for part in values:
                if isinstance(part, Message):
                    yield from _words(part, depth - 1)
        elif field.type == FieldDescriptor.TYPE_STRING and _READ_BY_PEOPLE.search(field.name):
            yield from filter(_is_read, values)
    yield from _words_of_unknown(_unknown_fields(body), depth)


def _is_list(field: Any) -> bool:
    return bool(field.is_repeated)


def _words_of_unknown(fields: list[Any], depth: int) -> Iterator[str]:
    """Bytes that read as text are text, otherwise a nested message."""
    for field in fields[:_MOST_FIELDS]:
        if field.wire_type != _BYTES_WIRE_TYPE or not field.data:
            continue
        text = _text(field.data)
        if text is not None:
            yield from filter(_is_read, [text])
            continue
        try:
            part = Empty.FromString(field.data)
        except DecodeError:
            continue
        yield from _words(part, depth - 1)


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if all(letter.isprintable() or letter in "\r\n\t" for letter in text) else None


def _is_read(text: str) -> bool:
    text = text.strip()
    return bool(_IS_TEXT.match(text)) and not _IS_CODE.match(text)
