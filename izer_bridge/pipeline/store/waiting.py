"""Which of a chat's earlier messages still wait for an answer, and the verdict on each.

A person's message in the chat answers all before it. A reply sent by the bridge, and a draft
refused by a person, answer their writer's messages up to the one that they were made for.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from sqlalchemy import Connection, and_, bindparam, func, select

from izer_bridge.domain.message import EarlierVerdict, HistoryEntry, Kind
from izer_bridge.domain.outbox_state import HANDED_OVER, OutboxKind, OutboxState
from izer_bridge.replies.answer_plan import NO_AGENT
from izer_bridge.store.tables import agent_calls, analytics_results, outbox, webhook_messages

_ROWS, _OUT = webhook_messages.c, outbox.c
_RESULTS, _CALLS = analytics_results.c, agent_calls.c
_ANSWERS = sorted(map(str, HANDED_OVER | {OutboxState.REFUSED}))
_IS_ANSWER = and_(
    _OUT.webhook_message_id == _ROWS.id,
    _OUT.state.in_(_ANSWERS),
    _OUT.kind == str(OutboxKind.REPLY),
    # A customer who was only warned has not been answered.
    func.coalesce(_OUT.agent, "") != NO_AGENT,
)
_JUDGED = (
    select(
        *(_ROWS.id, _ROWS.sender_id, _RESULTS.category, _RESULTS.urgency_score),
        *(_CALLS.agent_type, _OUT.id.label("reply_id")),
    )
    .join(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
    .join(agent_calls, _CALLS.webhook_message_id == _ROWS.id)
    .outerjoin(outbox, _IS_ANSWER)
    .where(_ROWS.id.in_(bindparam("row_ids", expanding=True)))
    # The last call of a message counts.
    .order_by(_CALLS.id)
)


def with_verdicts(connection: Connection, entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """The same, oldest first; each that waits or was answered by the bridge is marked so."""
    may_wait = [entry.row_id for entry in _after_a_person(entries) if not entry.from_me]
    rows = connection.execute(_JUDGED, {"row_ids": may_wait}).all() if any(may_wait) else ()
    if not rows:
        return list(entries)
    verdicts = {
        row.id: EarlierVerdict(row.category, row.urgency_score, row.agent_type) for row in rows
    }
    answered: dict[int | None, int] = {}
    for row in rows:
        if row.reply_id is not None:
            answered[row.sender_id] = max(row.id, answered.get(row.sender_id, 0))
    is_open = {row.id: row.id > answered.get(row.sender_id, 0) for row in rows}
    return [
        replace(one, is_open=is_open[one.row_id], verdict=verdicts[one.row_id])
        if one.row_id in verdicts
        else one
        for one in entries
    ]


def _after_a_person(entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """Messages since a person of the shop last wrote."""
    return list(takewhile(lambda one: not _is_persons(one), reversed(entries)))


def _is_persons(entry: HistoryEntry) -> bool:
    is_ours = entry.from_me and not (entry.is_automatic or entry.is_by_bridge)
    return is_ours and entry.kind != Kind.REACTION
