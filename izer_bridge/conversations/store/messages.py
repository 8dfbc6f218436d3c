"""A chat's messages, as its clock counts them."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from izer_bridge.analysis.store.analyses import analysis_of
from izer_bridge.conversations.clock import Asked, ClockRules, JudgedMessage, WaitingClock
from izer_bridge.conversations.counted import ChatMessages
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.identity import LID_SERVER
from izer_bridge.domain.message import NOT_SAID, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.replies.store.answered import is_answer, is_persons_answer
from izer_bridge.store.tables import analytics_results, webhook_messages

_ROWS = webhook_messages.c
# An older answer or question changes nothing on a board.
_LOOKED_BACK = timedelta(days=30)
_MOST = 200


def messages_of(
    connection: Connection, chat_id: int, known: WaitingClock, rules: ClockRules, now: datetime
) -> ChatMessages:
    """Since the last answer, or since a person was done with the chat."""
    since = min(now - _LOOKED_BACK, known.waiting_since or now)
    in_chat = and_(_ROWS.chat_id == chat_id, _ROWS.chat_time >= since)
    by_person = _latest(connection, and_(in_chat, is_persons_answer(webhook_messages)))
    stop = by_person
    if rules.automatic_stops:
        stop = _latest(connection, and_(in_chat, is_answer(webhook_messages)))
    last = _latest(connection, and_(in_chat, _ROWS.kind.not_in(NOT_SAID)), revoked_too=True)
    after = true() if known.dealt_at is None else _ROWS.chat_time > known.dealt_at
    return ChatMessages(
        answered_at=stop and stop[0],
        by_person_at=by_person and by_person[0],
        asked=list(_asked(connection, and_(in_chat, after, _comes_after(stop)), rules)),
        last_at=last and last[0],
    )


def is_own(people: Collection[str], phone_number: str, sender_jid: str) -> bool:
    """Whether the writer is one of the shop's own people, given as in the settings."""
    return phone_number in people or (
        sender_jid.endswith(f"@{LID_SERVER}") and sender_jid in people
    )


def judgement_of(
    row_id: int, at: datetime, analysis: Analysis, due: datetime | None = None
) -> JudgedMessage:
    """Danger is due at once, whatever the escalation says."""
    return JudgedMessage(
        row_id,
        at,
        analysis.urgency_score,
        analysis.action_required,
        analysis.recommended_response_time,
        at if due is None and analysis.dangers else due,
    )


def _latest(
    connection: Connection, which: ColumnElement[bool], *, revoked_too: bool = False
) -> tuple[datetime, int] | None:
    stays = true() if revoked_too else _ROWS.revoked_at.is_(None)
    found = connection.execute(
        select(_ROWS.chat_time, _ROWS.id)
        .where(which, stays)
        .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else (found.chat_time, found.id)


def _comes_after(stop: tuple[datetime, int] | None) -> ColumnElement[bool]:
    if stop is None:
        return true()
    at, row_id = stop
    return or_(_ROWS.chat_time > at, and_(_ROWS.chat_time == at, _ROWS.id > row_id))


def _asked(
    connection: Connection, which: ColumnElement[bool], rules: ClockRules
) -> Iterator[tuple[Asked, JudgedMessage | None]]:
    found = connection.execute(
        select(
            *(_ROWS.id, _ROWS.chat_time, _ROWS.phone_number, _ROWS.sender_jid),
            *(_ROWS.is_vip_customer, _ROWS.is_critical_group, analytics_results),
        )
        .outerjoin(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
        .where(
            which,
            _ROWS.from_me.is_(False),
            _ROWS.state != str(State.SKIPPED),
            _ROWS.origin != str(Origin.WEBHOOK),
            _ROWS.revoked_at.is_(None),
        )
        .order_by(_ROWS.chat_time, _ROWS.id)
        .limit(_MOST)
    )
    for row in found:
        fields: Any = row._mapping
        if is_own(rules.own_people, fields[_ROWS.phone_number], fields[_ROWS.sender_jid]):
            continue
        at, is_vip = fields[_ROWS.chat_time], fields[_ROWS.is_vip_customer]
        question = Asked(at, is_vip, fields[_ROWS.is_critical_group])
        analysis = analysis_of(row)
        yield question, None if analysis is None else judgement_of(fields[_ROWS.id], at, analysis)
