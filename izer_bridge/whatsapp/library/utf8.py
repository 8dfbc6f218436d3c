"""Repairs strings that are not UTF-8, which protobuf (proto2) returns as bytes; pure."""

from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_TEXT = FieldDescriptor.TYPE_STRING


_Message = TypeVar("_Message", bound=Message)


def mended(message: _Message) -> _Message:
    """The same message, with invalid UTF-8 in its strings replaced by U+FFFD, at every depth."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            if not field.is_repeated:
                mended(value)
            elif not field.message_type.GetOptions().map_entry:
                for part in value:
                    mended(part)
        elif field.type == _TEXT:
            if field.is_repeated:
                value[:] = map(text_of, value)
            elif isinstance(value, bytes):
                setattr(message, field.name, text_of(value))
    return message


def text_of(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
