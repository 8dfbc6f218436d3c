"""What stands for and against a row of the outbox that is to be sent now, read from the store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.replies.owner_notices import waits_for_morning
from izer_bridge.replies.sending_plan import Due, DueNotice, DueReply, DueWritten
from izer_bridge.replies.store import chat_facts
from izer_bridge.replies.store.propose import BY_POLICY
from izer_bridge.store.tables import outbox

_OUT = outbox.c


def due_of(connection: Connection, row: Row[Any], now: datetime) -> Due:
    """`row` as `store.outbox` reads it: with the columns of the message that it answers."""
    return _KINDS[OutboxKind(row.kind)](connection, row, now)


def _due_reply(connection: Connection, row: Row[Any], now: datetime) -> DueReply:
    chat = None
    if row.webhook_message_id is not None:
        about = chat_facts.About(row.webhook_message_id, row.chat_id, row.account)
        chat = chat_facts.of_reply(connection, about, now)
    return DueReply(row.expires_at, row.danger is not None, row.decided_by != BY_POLICY, chat)


def _due_notice(connection: Connection, row: Row[Any], now: datetime) -> DueNotice:
    facts = chat_facts.of_notice(connection, row.account, now)
    waits = waits_for_morning(row.purpose)
    due = DueNotice(row.expires_at, not waits or row.danger is not None, facts)
    if row.about_id is not None:
        state = connection.scalar(select(_OUT.state).where(_OUT.id == row.about_id))
        return replace(due, draft=state and OutboxState(state))
    if row.asked_in is None or not waits:
        return due
    about = chat_facts.About(row.webhook_message_id, row.asked_in, row.account)
    return replace(due, is_answered=chat_facts.of_reply(connection, about, now).is_answered)


def _due_written(connection: Connection, row: Row[Any], now: datetime) -> DueWritten:
    kind = OutboxKind(row.kind)
    facts = chat_facts.of_written(connection, row.chat_id, row.account, kind, now)
    is_limited = chat_facts.limited_until(connection, row.chat_id, now) is not None
    return DueWritten(row.expires_at, kind is OutboxKind.HAND, is_limited, facts)


_KINDS: dict[OutboxKind, Callable[[Connection, Row[Any], datetime], Due]] = {
    OutboxKind.REPLY: _due_reply,
    OutboxKind.NOTICE: _due_notice,
    OutboxKind.HAND: _due_written,
    OutboxKind.PROGRAM: _due_written,
}
