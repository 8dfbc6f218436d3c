"""Marks conversations of which something else has changed, in the transaction that changes it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from izer_bridge.store.tables import conversations, outbox

_C, _OUT = conversations.c, outbox.c


def mark(connection: Connection, chat_ids: Collection[int | None], now: datetime) -> None:
    """A draft, a reply or a pause has changed there; a chat without a conversation has none."""
    ids = sorted({one for one in chat_ids if one is not None})
    if ids:
        connection.execute(update(conversations).where(_C.id.in_(ids)).values(changed_at=now))


def mark_of_replies(connection: Connection, row_ids: Collection[int], now: datetime) -> None:
    """As `mark`, for the chats of these rows of the outbox."""
    found = select(_OUT.chat_id).where(_OUT.id.in_(row_ids)).distinct()
    mark(connection, connection.scalars(found).all(), now)
