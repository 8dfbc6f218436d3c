"""Converts rows of `webhook_messages` back into messages, and into the words that others quote."""

from typing import Any

from sqlalchemy import Row, select

from izer_bridge.domain.context_info import read_context
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin, in_words
from izer_bridge.store.tables import media, webhook_messages

_ROWS = webhook_messages.c

WORDS = select(webhook_messages, media.c.words).outerjoin(
    media, media.c.webhook_message_id == _ROWS.id
)


def message_of(row: Row[Any]) -> Message:
    fields = row._mapping
    mimetype = fields[_ROWS.media_mimetype]
    medium = None
    if mimetype is not None:
        medium = Media(
            mimetype,
            fields[_ROWS.media_size] or 0,
            fields[_ROWS.media_file_name],
            words=fields[media.c.words] or "",
        )
    return Message(
        account=fields[_ROWS.account],
        message_id=fields[_ROWS.message_id],
        chat=Jid.parse(fields[_ROWS.chat_jid]),
        sender=Jid.parse(fields[_ROWS.sender_jid]),
        sent_at=fields[_ROWS.chat_time],
        kind=Kind(fields[_ROWS.kind]),
        text=fields[_ROWS.current_message],
        origin=Origin(fields[_ROWS.origin]),
        from_me=fields[_ROWS.from_me],
        sender_name=fields[_ROWS.sender_name],
        chat_name=fields[_ROWS.chat_name],
        media=medium,
        target_id=fields[_ROWS.target_id],
        context=read_context(fields[_ROWS.context_info]),
    )


def spoken_of(row: Row[Any]) -> str:
    """The message that another one refers to, described as people would."""
    one = message_of(row)
    words: str = row.edited_text or in_words(one.kind, one.text, one.media)
    return words
