"""Dangers that a chat has reported without an answer by a person, and warnings sent about them."""

from datetime import timedelta

from sqlalchemy import Connection, or_, select, true

from izer_bridge.analysis.store.analyses import dangers_in
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outbox_state import HANDED_OVER, OPEN, OutboxKind, OutboxState
from izer_bridge.replies.answer_plan import Reported
from izer_bridge.replies.store.answered import is_answered
from izer_bridge.replies.store.chat_facts import About
from izer_bridge.store.columns import unindexed
from izer_bridge.store.tables import analytics_results, outbox, webhook_messages

_ROWS, _OUT, _RESULTS = webhook_messages.c, outbox.c, analytics_results.c
# A warning may still be sent, or was sent; or a person did not want it sent.
_WARNING = OPEN | HANDED_OVER | {OutboxState.REFUSED}
# After that a rider has a new day, and the escalation is still open.
LASTS = timedelta(hours=12)


def reported(connection: Connection, about: About) -> Reported:
    """By this message, and by the same customer within LASTS before it."""
    own = connection.execute(
        select(_ROWS.chat_jid, _ROWS.chat_time, _ROWS.sender_id).where(_ROWS.id == about.row_id)
    ).one()
    is_theirs = _ROWS.sender_id.is_not_distinct_from(own.sender_id)
    found = connection.execute(
        select(_ROWS.id, _RESULTS.danger)
        .join(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
        .where(
            _ROWS.chat_id == about.chat_id,
            _RESULTS.danger.is_not(None),
            _ROWS.chat_time > own.chat_time - LASTS,
            or_(_ROWS.id <= about.row_id, _ROWS.chat_time <= own.chat_time),
            _ROWS.revoked_at.is_(None),
            is_theirs if Jid.parse(own.chat_jid).is_group else true(),
        )
        .order_by(_ROWS.id)
    )
    reports = {row.id: row.danger for row in found}
    if not reports:
        return Reported()
    # Only for these few: a planner would check everything said in the chat meanwhile. Written as a
    # condition, MySQL would turn it into a join and read the whole chat.
    asked = select(_ROWS.id, is_answered(_ROWS.id).label("is_answered")).where(
        _ROWS.id.in_(reports)
    )
    waiting = [row.id for row in connection.execute(asked) if not row.is_answered]
    dangers = {danger for row_id in waiting for danger in dangers_in(reports[row_id])}
    if not dangers:
        return Reported()
    since = min(waiting)
    warned = _warned(connection, about, since)
    return Reported(_sorted(dangers), _sorted(dangers - warned))


def _warned(connection: Connection, about: About, since: int) -> set[Danger]:
    """Dangers that replies to this chat's messages since then warn of, or will."""
    found = connection.execute(
        select(_OUT.danger, _OUT.kind, _OUT.state).where(
            unindexed(_OUT.chat_id) == about.chat_id,
            _OUT.webhook_message_id >= since,
            _OUT.danger.is_not(None),
        )
    )
    return {
        danger
        for row in found
        if row.kind == OutboxKind.REPLY and row.state in _WARNING
        for danger in dangers_in(row.danger)
    }


def _sorted(dangers: set[Danger]) -> tuple[Danger, ...]:
    return tuple(danger for danger in Danger if danger in dangers)
