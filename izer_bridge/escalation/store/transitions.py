"""What other transactions do to escalations: open them, and recognise answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from izer_bridge.domain.escalation import Due, EscalationState, Level, NoticeState, Why
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.plan import OpenInChat, expect
from izer_bridge.replies.store.answered import (
    comes_after,
    is_persons_answer,
)
from izer_bridge.store.columns import spelled, unindexed
from izer_bridge.store.tables import escalation_notices, escalations, outbox, webhook_messages

_ESCALATIONS, _NOTICES, _ROWS = escalations.c, escalation_notices.c, webhook_messages.c
# Repeated wherever open ones are looked for, or SQLite uses no index.
IS_OPEN = _ESCALATIONS.state.in_(spelled([EscalationState.OPEN]))
_FIRST = webhook_messages.alias("first_message")
_LATER = webhook_messages.alias("later_message")


# Built once: a burst of somebody in danger needs it for each of its messages.
_IS_ANSWERED = exists().where(comes_after(_LATER, _FIRST), is_persons_answer(_LATER))
_MESSAGE = select(
    _FIRST.c.account, _FIRST.c.chat_id, _FIRST.c.chat_time, _IS_ANSWERED.label("is_answered")
).where(_FIRST.c.id == bindparam("row_id", type_=Integer))
_OPEN_IN_CHAT = (
    select(
        _ESCALATIONS.id,
        _ESCALATIONS.level,
        _ESCALATIONS.next_at,
        _ESCALATIONS.why,
        _IS_ANSWERED.label("is_answered"),
    )
    .join(_FIRST, _FIRST.c.id == _ESCALATIONS.webhook_message_id)
    .where(IS_OPEN, unindexed(_FIRST.c.chat_id) == bindparam("chat_id", type_=Integer))
)
_ANSWERED = (
    select(_ESCALATIONS.id)
    .join(_FIRST, _FIRST.c.id == _ESCALATIONS.webhook_message_id)
    .where(IS_OPEN, _IS_ANSWERED)
)
_OF_ROW = delete(escalations).where(
    _ESCALATIONS.webhook_message_id == bindparam("row_id", type_=Integer)
)


def expect_answer(connection: Connection, row_id: int, due: Due, now: datetime) -> None:
    """A person must answer this message, unless one has already."""
    message = connection.execute(_MESSAGE, {"row_id": row_id}).one()
    if message.is_answered:
        return
    found = connection.execute(_OPEN_IN_CHAT, {"chat_id": message.chat_id}).all()
    plan = expect(due, map(_open_in_chat, found))
    for one in plan.ends:
        end(connection, one.row_id, one.state, one.by, now)
    if plan.brings_forward is not None:
        _bring_forward(connection, plan.brings_forward, due, now)
    if not plan.begins:
        return
    # For the words that it had before an edit.
    connection.execute(_OF_ROW, {"row_id": row_id})
    connection.execute(
        insert(escalations).values(
            webhook_message_id=row_id,
            account=message.account,
            why=str(due.why),
            state=str(EscalationState.OPEN),
            level=int(Level.WAITING),
            since=message.chat_time,
            next_at=due.at,
            created_at=now,
            updated_at=now,
        )
    )


def _open_in_chat(row: Row[Any]) -> OpenInChat:
    return OpenInChat(row.id, Why(row.why), Level(row.level), row.next_at, row.is_answered)


def _bring_forward(connection: Connection, row_id: int, due: Due, now: datetime) -> None:
    connection.execute(
        update(escalations)
        .where(_ESCALATIONS.id == row_id)
        .values(next_at=due.at, why=str(due.why), updated_at=now)
    )


def some_answered(connection: Connection) -> bool:
    """Whether there are open ones whose customer a person has answered."""
    return connection.scalar(_ANSWERED.limit(1)) is not None


def end_answered(connection: Connection, now: datetime) -> None:
    """End the open ones whose customer a person has answered."""
    for row_id in connection.scalars(_ANSWERED).all():
        end(connection, row_id, EscalationState.ANSWERED, "answer", now)


def close_in_chat(connection: Connection, chat_id: int, by: str, now: datetime) -> None:
    """End what is open in a chat: a person is done with it."""
    for row in connection.execute(_OPEN_IN_CHAT, {"chat_id": chat_id}).all():
        end(connection, row.id, EscalationState.CLOSED, by, now)


def end(
    connection: Connection, row_id: int, state: EscalationState, by: str, now: datetime
) -> bool:
    """End an open one and take back notices that nobody got yet; False if it was not open."""
    ended = connection.execute(
        update(escalations)
        .where(_ESCALATIONS.id == row_id, IS_OPEN)
        .values(state=str(state), next_at=None, ended_at=now, ended_by=by, updated_at=now)
    )
    if ended.rowcount != 1:
        return False
    untold = connection.scalars(
        select(_NOTICES.outbox_id).where(
            _NOTICES.escalation_id == row_id,
            _NOTICES.state == str(NoticeState.WAITING),
            _NOTICES.outbox_id.is_not(None),
        )
    )
    for outbox_id in untold.all():
        take_back(connection, outbox_id, str(state), now)
    connection.execute(
        update(escalation_notices)
        .where(
            _NOTICES.escalation_id == row_id,
            _NOTICES.state == str(NoticeState.WAITING),
            or_(
                _NOTICES.outbox_id.is_(None),
                exists().where(
                    outbox.c.id == _NOTICES.outbox_id,
                    outbox.c.state == str(OutboxState.CANCELLED),
                ),
            ),
        )
        .values(
            state=str(NoticeState.SKIPPED),
            error=str(state),
            next_attempt_at=None,
            updated_at=now,
        )
    )
    return True


def take_back(connection: Connection, outbox_id: int, why: str, now: datetime) -> bool:
    """Cancel a notice in the outbox; False if it is being sent already, or was."""
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state == str(OutboxState.APPROVED))
        .values(state=str(OutboxState.CANCELLED), error=why, updated_at=now)
    )
    return taken.rowcount == 1
