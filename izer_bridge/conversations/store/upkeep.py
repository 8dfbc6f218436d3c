"""Begins, closes and removes conversations in SQL, outside of a message's way."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from izer_bridge.conversations.clock import ClockPhase, ClockRules
from izer_bridge.conversations.conversation import ConversationDecision
from izer_bridge.conversations.store.follow import count_again
from izer_bridge.domain.message import Origin
from izer_bridge.domain.message_state import State
from izer_bridge.store.tables import conversations, webhook_messages

_C, _ROWS = conversations.c, webhook_messages.c
_BY = "bridge"


def begin_missing(
    connection: Connection, since: datetime, most: int, rules: ClockRules, now: datetime
) -> int:
    """Count conversations of chats in which customers wrote since then; how many there were."""
    found = connection.scalars(
        select(_ROWS.chat_id)
        .where(
            _ROWS.created_at >= since,
            _ROWS.from_me.is_(False),
            _ROWS.state != str(State.SKIPPED),
            _ROWS.origin != str(Origin.WEBHOOK),
            ~exists().where(_C.id == _ROWS.chat_id),
        )
        .distinct()
        .limit(most)
    ).all()
    count_again(connection, found, rules, now)
    return len(found)


def close_silent(connection: Connection, before: datetime, most: int, now: datetime) -> int:
    """Close those in which nothing was said since then, unless an answer is due; how many."""
    is_quiet = and_(_C.phase == str(ClockPhase.CUSTOMER), _C.sort_at < before)
    # A greeting that nobody has taken up.
    is_calm = and_(_C.phase == str(ClockPhase.WAITING), _C.due_at.is_(None), _C.last_at < before)
    found = connection.scalars(select(_C.id).where(or_(is_quiet, is_calm)).limit(most)).all()
    if found:
        connection.execute(
            update(conversations)
            .where(_C.id.in_(found), or_(is_quiet, is_calm))
            .values(
                phase=str(ClockPhase.DONE),
                sort_at=_C.last_at,
                waiting_since=None,
                unanswered=0,
                dealt_at=_C.asked_at,
                decision=str(ConversationDecision.DONE),
                decided_by=_BY,
                decided_at=now,
                changed_at=now,
                revision=_C.revision + 1,
            )
        )
    return len(found)


def let_go(
    connection: Connection, chat_ids: Collection[int], gone: Sequence[int], now: datetime
) -> None:
    """After these messages were removed: nobody waits for an answer to them."""
    in_chat = _ROWS.chat_id == _C.id
    is_empty = ~exists().where(in_chat)
    connection.execute(delete(conversations).where(_C.id.in_(chat_ids), is_empty))
    is_asked = exists().where(
        in_chat,
        _ROWS.chat_time >= _C.waiting_since,
        _ROWS.from_me.is_(False),
        _ROWS.state != str(State.SKIPPED),
        _ROWS.revoked_at.is_(None),
    )
    waits = and_(_C.id.in_(chat_ids), _C.waiting_since.is_not(None))
    connection.execute(
        update(conversations)
        .where(waits, ~is_asked)
        .values(
            phase=str(ClockPhase.CUSTOMER),
            sort_at=_C.last_at,
            waiting_since=None,
            soon_at=None,
            due_at=None,
            unanswered=0,
            calm=0,
            urgent_id=None,
            snoozed_until=None,
            changed_at=now,
            revision=_C.revision + 1,
        )
    )
    connection.execute(
        update(conversations)
        .where(_C.id.in_(chat_ids), _C.urgent_id.in_(gone))
        .values(urgent_id=None, changed_at=now)
    )
