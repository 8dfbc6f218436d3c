"""The store's facts about a chat when a reply is decided or sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import NEEDS_A_PERSON, NOT_SAID, Origin
from izer_bridge.domain.message_state import PENDING, SkipReason
from izer_bridge.domain.outbox_state import HANDED_OVER, OutboxKind, OutboxState
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.replies.answer_plan import StandingDraft
from izer_bridge.replies.decide import ChatFacts
from izer_bridge.replies.owner_notices import DECISION
from izer_bridge.replies.takeover_plan import PauseReason
from izer_bridge.store.columns import unindexed
from izer_bridge.store.tables import chat_pauses, outbox, send_breakers, webhook_messages

_ROWS, _OUT, _PAUSES, _BREAKERS = webhook_messages.c, outbox.c, chat_pauses.c, send_breakers.c
_HOUR = timedelta(hours=1)
# An answer sent longer ago that arrives now comes from a phone that was offline, and does not
# answer the question. So no more of a chat is read, however long it is.
_LATE = timedelta(days=1)
_REPLIES = (OutboxKind.REPLY, OutboxKind.PROGRAM)
_HANDED_OVER = sorted(map(str, HANDED_OVER))
# A reply that came to nothing leaves the previous one unchanged.
_CAME_TO_NOTHING = sorted(map(str, (OutboxState.CANCELLED, OutboxState.FAILED)))
_IS_OR_WILL_BE_REPLIED = or_(
    _ROWS.state.in_(sorted(map(str, PENDING))),
    exists().where(
        _OUT.webhook_message_id == _ROWS.id,
        _OUT.kind == str(OutboxKind.REPLY),
        _OUT.state.not_in(_CAME_TO_NOTHING),
    ),
)


@dataclass(frozen=True, slots=True)
class About:
    """The message that a reply answers."""

    row_id: int
    chat_id: int
    account: str


def of_reply(connection: Connection, about: About, now: datetime) -> ChatFacts:
    """Facts for and against a reply to this message."""
    row = connection.execute(
        select(
            _ROWS.chat_jid,
            _ROWS.chat_time,
            _ROWS.sender_id,
            _ROWS.revoked_at,
        ).where(_ROWS.id == about.row_id)
    ).one()
    since = and_(
        _ROWS.chat_id == about.chat_id,
        _ROWS.id != about.row_id,
        _ROWS.kind.not_in(NOT_SAID),
        _ROWS.chat_time > row.chat_time - _LATE,
        or_(
            and_(_ROWS.id > about.row_id, _ROWS.origin != str(Origin.HISTORY)),
            _ROWS.chat_time > row.chat_time,
        ),
    )
    is_answerable = and_(
        func.coalesce(_ROWS.skip_reason, "") != str(SkipReason.EMPTY),
        _ROWS.kind.not_in(NEEDS_A_PERSON),
    )
    # In a group only the person who asked takes the question back by writing again.
    is_theirs = _ROWS.sender_id.is_not_distinct_from(row.sender_id)
    whose = is_theirs if Jid.parse(row.chat_jid).is_group else true()
    customers = and_(since, _ROWS.from_me.is_(False), is_answerable, whose, _IS_OR_WILL_BE_REPLIED)
    shops = and_(
        since,
        _ROWS.from_me.is_(True),
        _ROWS.is_automatic.is_(False),
        _ROWS.origin != str(Origin.SENT),
    )
    in_chat = unindexed(_OUT.chat_id) == about.chat_id
    return ChatFacts(
        is_superseded=_any(connection, customers),
        is_answered=_any(connection, shops),
        is_withdrawn=row.revoked_at is not None,
        is_paused=is_paused(connection, about.chat_id, now),
        sent_in_chat=_sent(connection, about.account, now, in_chat),
        sent_in_all=_sent(connection, about.account, now),
        breaker_until=breaker_until(connection, about.account, now),
    )


def standing_drafts(
    connection: Connection, about: About, now: datetime
) -> tuple[StandingDraft, ...]:
    """Drafts that wait for a person's verdict, about the same customer's earlier questions.

    In its chat, in a group of its writer alone; oldest first.
    """
    found = connection.execute(
        select(_OUT.id, _OUT.proposed_text, _OUT.reason, _ROWS.sender_id, _ROWS.chat_jid)
        .join(webhook_messages, _ROWS.id == _OUT.webhook_message_id)
        .where(
            _OUT.chat_id == about.chat_id,
            _OUT.state == str(OutboxState.DRAFT),
            _OUT.kind == str(OutboxKind.REPLY),
            _OUT.danger.is_(None),
            _OUT.webhook_message_id != about.row_id,
            _OUT.expires_at.is_(None) | (_OUT.expires_at > now),
        )
        .order_by(_OUT.id)
    ).all()
    if found and Jid.parse(found[0].chat_jid).is_group:
        writer = connection.scalar(select(_ROWS.sender_id).where(_ROWS.id == about.row_id))
        found = [row for row in found if row.sender_id == writer]
    by_mode = f"{Mode.DRAFT} "
    return tuple(
        StandingDraft(row.id, row.proposed_text or "", (row.reason or "").startswith(by_mode))
        for row in found
    )


def of_notice(connection: Connection, account: str, now: datetime) -> ChatFacts:
    """Facts against sending a notice to the shop's own people."""
    # Each verdict gets an answer; a busy owner must hear of the next danger all the same.
    unasked = _OUT.purpose.not_like(f"{DECISION}%")
    return ChatFacts(
        sent_in_all=_sent(connection, account, now, unasked, kinds=[OutboxKind.NOTICE]),
        breaker_until=breaker_until(connection, account, now),
    )


def of_written(
    connection: Connection, chat_id: int, account: str, kind: OutboxKind, now: datetime
) -> ChatFacts:
    """Facts against writing into a chat: a person's count apart, a program's with the replies."""
    kinds = (kind,) if kind is OutboxKind.HAND else _REPLIES
    in_chat = unindexed(_OUT.chat_id) == chat_id
    return ChatFacts(
        is_paused=is_paused(connection, chat_id, now),
        sent_in_chat=_sent(connection, account, now, in_chat, kinds=kinds),
        sent_in_all=_sent(connection, account, now, kinds=kinds),
        breaker_until=breaker_until(connection, account, now),
    )


def limited_until(connection: Connection, chat_id: int, now: datetime) -> datetime | None:
    """Until when WhatsApp refuses messages in this chat, as far as anybody knows."""
    found: datetime | None = connection.scalar(
        select(_PAUSES.paused_until).where(
            _PAUSES.chat_id == chat_id,
            _PAUSES.reason == str(PauseReason.LIMITED),
            _PAUSES.paused_until > now,
        )
    )
    return found


def is_paused(connection: Connection, chat_id: int, now: datetime) -> bool:
    return bool(
        connection.scalar(
            select(
                exists().where(
                    _PAUSES.chat_id == chat_id,
                    or_(_PAUSES.paused_until.is_(None), _PAUSES.paused_until > now),
                )
            )
        )
    )


def breaker_until(connection: Connection, account: str | None, now: datetime) -> datetime | None:
    """Until when the account (or any, for None) may send nothing; None if it may send."""
    conditions = [_BREAKERS.closed_at.is_(None), _BREAKERS.open_until > now]
    if account is not None:
        conditions.append(_BREAKERS.account == account)
    found: datetime | None = connection.scalar(
        select(_BREAKERS.open_until)
        .where(*conditions)
        .order_by(_BREAKERS.open_until.desc())
        .limit(1)
    )
    return found


def _any(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return bool(connection.scalar(select(exists().where(condition))))


def _sent(
    connection: Connection,
    account: str,
    now: datetime,
    *conditions: Any,
    kinds: Sequence[OutboxKind] = _REPLIES,
) -> int:
    count = connection.scalar(
        select(func.count())
        .select_from(outbox)
        .where(
            _OUT.kind.in_(list(map(str, kinds))),
            _OUT.sending_at > now - _HOUR,
            _OUT.state.in_(_HANDED_OVER),
            _OUT.account == account,
            *conditions,
        )
    )
    return count or 0
