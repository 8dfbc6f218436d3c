"""Whether a person of the shop has answered a message, as a condition for other queries."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    or_,
)

from izer_bridge.domain.message import Kind, Origin
from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.store.tables import outbox, webhook_messages

_FIRST = webhook_messages.alias("first_message")
_LATER = webhook_messages.alias("later_message")
# Deciders of outbox rows that are not a person.
NO_PERSON = ("policy", "bridge")
SAYS_NOTHING = (Kind.EDIT, Kind.REVOKE, Kind.PROTOCOL)


def is_persons_answer(answer: Any) -> ColumnElement[bool]:
    """A message or a reaction that a person of the shop has sent; `answer` is its table.

    A message sent by the bridge is one if a person has written or approved it.
    """
    of_bridge = outbox.c.whatsapp_id == answer.c.message_id
    is_approved = and_(
        outbox.c.decided_by.not_in(NO_PERSON), outbox.c.kind != str(OutboxKind.PROGRAM)
    )
    return and_(
        is_answer(answer),
        answer.c.is_automatic.is_(False),
        or_(
            answer.c.origin == str(Origin.HAND),
            and_(answer.c.origin != str(Origin.SENT), ~exists().where(of_bridge)),
            exists().where(of_bridge, is_approved),
        ),
    )


def is_answer(answer: Any) -> ColumnElement[bool]:
    """A message or a reaction of the shop, whoever or whatever has sent it."""
    said = or_(answer.c.kind != str(Kind.REACTION), answer.c.current_message != "")
    return and_(answer.c.from_me.is_(True), answer.c.kind.not_in(SAYS_NOTHING), said)


def comes_after(later: Any, first: Any) -> ColumnElement[bool]:
    """In the same chat; WhatsApp's times are whole seconds, so the rows' order decides ties."""
    return and_(
        later.c.chat_id == first.c.chat_id,
        # Implied by the next condition, but keeps the database from reading the chat's earlier
        # messages.
        later.c.chat_time >= first.c.chat_time,
        or_(
            later.c.chat_time > first.c.chat_time,
            and_(later.c.chat_time == first.c.chat_time, later.c.id > first.c.id),
        ),
    )


def is_answered(row_id: Any) -> ColumnElement[bool]:
    """Whether a person has answered the message with this id, which may be a column."""
    return exists().where(
        _FIRST.c.id == row_id, comes_after(_LATER, _FIRST), is_persons_answer(_LATER)
    )


def is_unanswered(row_id: Any) -> ColumnElement[bool]:
    """The opposite, not as NOT EXISTS: MySQL's antijoin for that reads all of a big chat."""
    return case((is_answered(row_id), 0), else_=1) == 1
