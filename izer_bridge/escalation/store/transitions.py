"""What other writes do to escalations in their own transactions: begin them, and see answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from izer_bridge.domain.escalation import Due, EscalationState, Level, NoticeState, Why
from izer_bridge.domain.message import Kind, Origin
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.decide import joins
from izer_bridge.store.columns import spelled, unindexed
from izer_bridge.store.tables import escalation_notices, escalations, outbox, webhook_messages

_ESCALATIONS, _NOTICES, _ROWS = escalations.c, escalation_notices.c, webhook_messages.c
# Said so wherever open ones are looked for, or SQLite finds them in no index.
IS_OPEN = _ESCALATIONS.state.in_(spelled([EscalationState.OPEN]))
_FIRST = webhook_messages.alias("first_message")
_LATER = webhook_messages.alias("later_message")
# Who decides about rows of the outbox without any person.
_NO_PERSON = ("policy", "bridge")
_SAYS_NOTHING = (Kind.EDIT, Kind.REVOKE, Kind.PROTOCOL)


def is_persons_answer(answer: Any) -> ColumnElement[bool]:
    """A message or a reaction that a person of the shop has sent; `answer` is its table.

    What the bridge has sent is one where a person has approved it.
    """
    said = or_(answer.c.kind != str(Kind.REACTION), answer.c.current_message != "")
    of_bridge = outbox.c.whatsapp_id == answer.c.message_id
    is_approved = outbox.c.decided_by.not_in(_NO_PERSON)
    return and_(
        answer.c.from_me.is_(True),
        answer.c.is_automatic.is_(False),
        answer.c.kind.not_in(_SAYS_NOTHING),
        said,
        or_(
            and_(answer.c.origin != str(Origin.SENT), ~exists().where(of_bridge)),
            exists().where(of_bridge, is_approved),
        ),
    )


def comes_after(later: Any, first: Any) -> ColumnElement[bool]:
    """In the same chat; WhatsApp tells times in whole seconds, so the rows' order decides then."""
    return and_(
        later.c.chat_id == first.c.chat_id,
        # Follows from what stands below, and lets nobody read what the chat said before.
        later.c.chat_time >= first.c.chat_time,
        or_(
            later.c.chat_time > first.c.chat_time,
            and_(later.c.chat_time == first.c.chat_time, later.c.id > first.c.id),
        ),
    )


def expect_answer(connection: Connection, row_id: int, due: Due, now: datetime) -> None:
    """A person must answer this message. One that is expected in the chat already is enough.

    Not of danger: who was told that somebody waits does not know of it.
    """
    if connection.scalar(select(is_answered(row_id))):
        return
    message = connection.execute(
        select(_ROWS.account, _ROWS.chat_id, _ROWS.chat_time).where(_ROWS.id == row_id)
    ).one()
    end_answered(connection, now, chat_id=message.chat_id)
    waiting = connection.execute(
        select(_ESCALATIONS.id, _ESCALATIONS.level, _ESCALATIONS.next_at, _ESCALATIONS.why)
        .join(webhook_messages, _ROWS.id == _ESCALATIONS.webhook_message_id)
        .where(
            IS_OPEN,
            unindexed(_ROWS.chat_id) == message.chat_id,
        )
    ).one_or_none()
    if waiting is not None and joins(due.why, Why(waiting.why)):
        _bring_forward(connection, waiting, due, now)
        return
    if waiting is not None:
        end(connection, waiting.id, EscalationState.CLOSED, str(due.why), now)
    # Of the words that it had before an edit.
    of_row = _ESCALATIONS.webhook_message_id == row_id
    connection.execute(delete(escalations).where(of_row))
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


def _bring_forward(
    connection: Connection, waiting: Row[Any, Any, Any, Any], due: Due, now: datetime
) -> None:
    is_untold = waiting.level == Level.WAITING and waiting.next_at is not None
    if is_untold and due.at < waiting.next_at:
        connection.execute(
            update(escalations)
            .where(_ESCALATIONS.id == waiting.id)
            .values(next_at=due.at, why=str(due.why), updated_at=now)
        )


def is_answered(row_id: Any) -> ColumnElement[bool]:
    """Whether a person has answered the message with this id, which may be a column."""
    return exists().where(
        _FIRST.c.id == row_id, comes_after(_LATER, _FIRST), is_persons_answer(_LATER)
    )


def end_answered(connection: Connection, now: datetime, *, chat_id: int | None = None) -> None:
    """End the open ones, of one chat or of all, whose customer a person has answered."""
    answered = (
        select(_ESCALATIONS.id)
        .join(_FIRST, _FIRST.c.id == _ESCALATIONS.webhook_message_id)
        .where(
            IS_OPEN,
            exists().where(comes_after(_LATER, _FIRST), is_persons_answer(_LATER)),
        )
    )
    if chat_id is not None:
        answered = answered.where(unindexed(_FIRST.c.chat_id) == chat_id)
    for row_id in connection.scalars(answered).all():
        end(connection, row_id, EscalationState.ANSWERED, "answer", now)


def end(
    connection: Connection, row_id: int, state: EscalationState, by: str, now: datetime
) -> bool:
    """End an open one and take back what nobody was told yet; False when it was not open."""
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
    """Cancel a notice in the outbox; False when it is being sent already, or was."""
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state == str(OutboxState.APPROVED))
        .values(state=str(OutboxState.CANCELLED), error=why, updated_at=now)
    )
    return taken.rowcount == 1
