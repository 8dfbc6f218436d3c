"""Records messages that come over HTTP, each once, whatever its connector makes of its id.

It does not judge: the same id with other words is an edit, as on WhatsApp.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.stanza_id import stanza_id
from izer_bridge.media import store as media_store
from izer_bridge.media.decide import MediaState
from izer_bridge.media.ports import KeptFile
from izer_bridge.pipeline.ports import Recorded, WebhookMessage
from izer_bridge.pipeline.store.chat_context import keep_posted
from izer_bridge.pipeline.store.record import Screening, record
from izer_bridge.store import fitting
from izer_bridge.store.columns import unindexed
from izer_bridge.store.tables import chats, contacts, webhook_messages
from izer_bridge.store.text import clean

_Found = Row[int, str, str, str, str | None]
_ROWS = webhook_messages.c
_COLUMNS = (_ROWS.id, _ROWS.message_id, _ROWS.state, _ROWS.current_message, _ROWS.edited_text)
# Two listeners of one connector post within a second, a restarted one within a day.
_TWINS_WITHIN = timedelta(days=1)


def record_webhook(
    connection: Connection,
    webhook: WebhookMessage,
    file: KeptFile | MediaState | None,
    screening: Screening,
    now: datetime,
) -> Recorded:
    """Record it with its history and file; if it was recorded before, the first version counts."""
    message = fitting.message(webhook.message)
    own = _own(message)
    same_id = own.where(_ROWS.message_id == message.message_id)
    before = connection.execute(same_id).first() or _twin(connection, message, own)
    if before is not None:
        if _is_edit(before, message):
            record(connection, [_edit(before, message, now)], screening, now)
            before = connection.execute(same_id).first() or before
        return Recorded(before.id, False, State(before.state), _other_words(before, message))
    record(connection, [message], screening, now, webhook.raw)
    row = connection.execute(same_id).first() or _twin(connection, message, own)
    if row is None:
        raise LookupError("a message that was just recorded is not there")
    keep_posted(connection, row.id, fitting.history(webhook.history), now)
    if file is not None:
        media_store.enclose(connection, row.id, file, now)
    return Recorded(row.id, True, State(row.state))


def _own(message: Message) -> Select[Any]:
    """The rows of its writer in its chat."""
    return select(*_COLUMNS).where(_ROWS.chat_id.in_(_chat_of(message)), _written_by(message))


def _twin(connection: Connection, message: Message, own: Select[Any]) -> _Found | None:
    """The row of the same message under another id of its connector."""
    stanza = stanza_id(message.message_id)
    if stanza is None:
        return None
    since, until = message.sent_at - _TWINS_WITHIN, message.sent_at + _TWINS_WITHIN
    twins = own.where(
        _ROWS.chat_time.between(since, until),
        _ROWS.message_id.contains(stanza, autoescape=True),
    )
    rows = connection.execute(twins.order_by(_ROWS.id))
    return next((row for row in rows if stanza_id(row.message_id) == stanza), None)


def _chat_of(message: Message) -> Select[tuple[int]]:
    """A message must not be lost because another customer's connector counts the same ids."""
    own = select(chats.c.id).where(chats.c.account == message.account)
    if message.chat.is_number or message.chat.is_lid:
        return own.join(contacts, contacts.c.id == chats.c.contact_id).where(_is(message.chat))
    return own.where(chats.c.jid == str(message.chat))


def _written_by(message: Message) -> ColumnElement[bool]:
    """One writer's id is never another's, in a group either."""
    if message.from_me:
        return _ROWS.from_me.is_(True)
    if not (message.sender.is_number or message.sender.is_lid):
        return and_(_ROWS.from_me.is_(False), _ROWS.sender_id.is_(None))
    who = select(contacts.c.id).where(_is(message.sender)).scalar_subquery()
    # Found by id or by time: a daily writer has many rows.
    return and_(_ROWS.from_me.is_(False), unindexed(_ROWS.sender_id) == who)


def _is(somebody: Jid) -> ColumnElement[bool]:
    if somebody.is_number:
        return contacts.c.number == somebody.number
    return contacts.c.lid == somebody.user


def _is_edit(before: _Found, message: Message) -> bool:
    """Twins differ in what their listeners write before a file's caption, and are not edits."""
    words = clean(message.text).strip()
    is_new = words not in ("", before.current_message.strip(), _counting(before).strip())
    return is_new and before.message_id == message.message_id


def _edit(before: _Found, message: Message, now: datetime) -> Message:
    digest = hashlib.sha256(clean(message.text).encode()).hexdigest()[:16]
    return replace(
        message,
        message_id=f"{before.message_id}~{digest}",
        kind=Kind.EDIT,
        media=None,
        target_id=before.message_id,
        sent_at=max(message.sent_at, now),
    )


def _other_words(before: _Found, message: Message) -> str | None:
    """The words that count, if they are not those that arrived."""
    words = _counting(before)
    is_same = clean(message.text).strip() == words.strip()
    return None if is_same or before.message_id != message.message_id else words


def _counting(row: _Found) -> str:
    words: str = row.current_message if row.edited_text is None else row.edited_text
    return words
