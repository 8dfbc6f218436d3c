"""Outbox rows, written and moved within others' transactions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from izer_bridge.domain.outbox_state import ALLOWED, AT_WORK, OutboxKind, OutboxState
from izer_bridge.domain.sendable_text import sendable
from izer_bridge.replies.ports import Notice
from izer_bridge.store import changed_chats
from izer_bridge.store.columns import spelled
from izer_bridge.store.tables import outbox

_OUT = outbox.c
# Queries for a row in one of their states repeat this condition, or SQLite uses no index.
IS_AT_WORK = _OUT.state.in_(spelled(AT_WORK))


def notify(connection: Connection, notice: Notice, now: datetime) -> int:
    """Write a notice that will be sent; its row's id, also if it existed already."""
    known = connection.scalar(select(_OUT.id).where(_OUT.purpose == notice.purpose))
    if known is not None:
        return int(known)
    made = connection.execute(
        insert(outbox).values(
            purpose=notice.purpose,
            kind=str(OutboxKind.NOTICE),
            state=str(OutboxState.APPROVED),
            account=notice.account,
            webhook_message_id=notice.message_row_id,
            about_id=notice.about_id,
            chat_jid=str(notice.chat),
            proposed_text=sendable(notice.text),
            not_before=notice.not_before or now,
            expires_at=notice.expires_at,
            danger=notice.danger,
            decided_by="bridge",
            decided_at=now,
            created_at=now,
            updated_at=now,
        )
    )
    return int((made.inserted_primary_key or (0,))[0])


def move(
    connection: Connection,
    row_id: int,
    old: OutboxState,
    now: datetime,
    *,
    state: OutboxState,
    **values: Any,
) -> bool:
    """Compare and set; False if the row is no longer in state `old`."""
    if state is not old and state not in ALLOWED[old]:
        raise ValueError(f"outbox row {row_id} may not move from {old} to {state}")
    changed = connection.execute(
        update(outbox)
        .where(_OUT.id == row_id, _OUT.state == str(old))
        .values(state=str(state), updated_at=now, **values)
    )
    is_changed = changed.rowcount == 1
    # What renews a draft is about to be shown itself.
    if is_changed and state not in (old, OutboxState.RENEWED):
        changed_chats.mark_of_replies(connection, [row_id], now)
    return is_changed
