"""Carries out what newly recorded messages do to the replies of their chats, as they are recorded;
pauses chats and ends replies for whoever else must.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from izer_bridge.domain.outbox_state import OPEN, OutboxKind, OutboxState
from izer_bridge.replies.decide import WRITTEN_AGAIN
from izer_bridge.replies.takeover_plan import (
    Asker,
    PauseReason,
    arrivals,
    plan_takeover,
    prolongs,
)
from izer_bridge.store import changed_chats
from izer_bridge.store.tables import chat_pauses, outbox, webhook_messages

_OUT, _PAUSES, _ROWS = outbox.c, chat_pauses.c, webhook_messages.c
_WITHDRAWN = (
    (OutboxState.DRAFT, OutboxState.LAPSED),
    (OutboxState.APPROVED, OutboxState.CANCELLED),
)


def take_over(
    connection: Connection,
    rows: Sequence[Mapping[str, Any]],
    human_pause: timedelta,
    now: datetime,
) -> None:
    """Apply these new rows of `webhook_messages` to their chats' replies."""
    arrived = arrivals(rows)
    own_ids = _sent_by_the_bridge(connection, [one.message_id for one in arrived if one.is_answer])
    plan = plan_takeover(arrived, own_ids, human_pause, now)
    for chat_id, until in plan.answered.items():
        cancel_open(connection, chat_id, "a person has answered", now)
        if until is not None:
            pause(connection, chat_id, until, PauseReason.HUMAN, now)
    waiting = _chats_with_replies(connection, {one.chat_id for one in plan.superseded})
    for one in plan.superseded:
        if one.chat_id in waiting:
            _supersede(connection, one, now)


def pause(
    connection: Connection,
    chat_id: int,
    until: datetime | None,
    reason: PauseReason,
    now: datetime,
    by: str | None = None,
) -> None:
    """Pause a chat until then (None: until told otherwise); a longer pause stays."""
    changed_chats.mark(connection, [chat_id], now)
    found = connection.execute(
        select(_PAUSES.paused_until).where(_PAUSES.chat_id == chat_id)
    ).one_or_none()
    if found is None:
        connection.execute(
            insert(chat_pauses).values(
                chat_id=chat_id,
                paused_until=until,
                reason=str(reason),
                paused_by=by,
                created_at=now,
                updated_at=now,
            )
        )
        return
    if prolongs(until, reason, found[0]):
        connection.execute(
            update(chat_pauses)
            .where(_PAUSES.chat_id == chat_id)
            .values(paused_until=until, reason=str(reason), paused_by=by, updated_at=now)
        )


def resume(connection: Connection, chat_ids: Collection[int], now: datetime) -> int:
    """End these pauses; how many there were."""
    changed_chats.mark(connection, chat_ids, now)
    ended = connection.execute(delete(chat_pauses).where(_PAUSES.chat_id.in_(chat_ids)))
    return int(ended.rowcount)


def move_chat(connection: Connection, old: int, new: int) -> None:
    """Two chats proved to be one."""
    connection.execute(update(outbox).where(_OUT.chat_id == old).values(chat_id=new))
    if connection.scalar(select(_PAUSES.id).where(_PAUSES.chat_id == new)):
        connection.execute(delete(chat_pauses).where(_PAUSES.chat_id == old))
    else:
        connection.execute(update(chat_pauses).where(_PAUSES.chat_id == old).values(chat_id=new))


def cancel_open(connection: Connection, chat_id: int, reason: str, now: datetime) -> None:
    """Withdraw every reply in a chat that is not being sent already."""
    _close(connection, chat_id, sorted(map(str, OPEN)), OutboxState.CANCELLED, reason, now)


def drop_drafts(connection: Connection, chat_id: int, reason: str, now: datetime) -> None:
    """Withdraw the drafts in a chat; what a person has approved there goes out."""
    _close(connection, chat_id, [str(OutboxState.DRAFT)], OutboxState.CANCELLED, reason, now)


def withdraw(connection: Connection, message_row_id: int, now: datetime) -> None:
    """The message was edited or deleted: the question is no longer there."""
    for old, new in _WITHDRAWN:
        connection.execute(
            update(outbox)
            .where(_OUT.webhook_message_id == message_row_id, _OUT.state == str(old))
            .where(_OUT.kind == str(OutboxKind.REPLY))
            .values(state=str(new), error="the message was edited or deleted", updated_at=now)
        )


def _chats_with_replies(connection: Connection, chat_ids: Collection[int]) -> set[int]:
    """Those of them with an unsent reply: mostly none."""
    query = select(_OUT.chat_id).where(
        _OUT.chat_id.in_(chat_ids),
        _OUT.state == str(OutboxState.APPROVED),
        _OUT.kind == str(OutboxKind.REPLY),
    )
    return set(connection.scalars(query)) if chat_ids else set()


def _supersede(connection: Connection, asker: Asker, now: datetime) -> None:
    """Take back what is to be sent to this writer of a group, or, without one, into the chat; no
    warning. A draft waits: the answer to what was written renews it.
    """
    chat_id, writer_id = asker
    theirs = select(_ROWS.id).where(_ROWS.chat_id == chat_id, _ROWS.sender_id == writer_id)
    to_them = [] if writer_id is None else [_OUT.webhook_message_id.in_(theirs)]
    # A warning is not made redundant by later messages.
    to_them.append(_OUT.danger.is_(None))
    approved, then = [str(OutboxState.APPROVED)], OutboxState.CANCELLED
    _close(connection, chat_id, approved, then, WRITTEN_AGAIN, now, *to_them)


def _close(
    connection: Connection,
    chat_id: int,
    states: Sequence[str],
    new: OutboxState,
    why: str,
    now: datetime,
    *conditions: ColumnElement[bool],
) -> None:
    connection.execute(
        update(outbox)
        .where(_OUT.chat_id == chat_id, _OUT.state.in_(states), _OUT.kind == str(OutboxKind.REPLY))
        .where(*conditions)
        .values(state=str(new), error=why, updated_at=now)
    )


def _sent_by_the_bridge(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of WhatsApp's ids that are in the outbox."""
    known = select(_OUT.whatsapp_id).where(_OUT.whatsapp_id.in_(ids))
    return set(connection.scalars(known)) if ids else set()
