"""Ends messages that were analysed and answered in memory: all their steps in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, case, update

from izer_bridge.agents.store import PackedAnswers, keep_attempts
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.store.keep_analyses import keep_analyses
from izer_bridge.pipeline.store.leases import NO_LEASE, UNDER_LEASES, held
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.store.propose import answered, said_in
from izer_bridge.store import changed_hours
from izer_bridge.store.tables import webhook_messages

_ROWS = webhook_messages.c
# Through "analysed" and "dispatched" too, in one write: nobody can see an intermediate state.
_SETTLE = (
    update(webhook_messages)
    .where(UNDER_LEASES, _ROWS.state == str(State.RECORDED))
    .values(
        state=str(State.SETTLED),
        attempts=_ROWS.attempts + 1,
        last_error=None,
        **NO_LEASE,
    )
)


def finish(
    connection: Connection,
    worked: Sequence[Worked],
    screening: Screening,
    answers: PackedAnswers,
    now: datetime,
) -> None:
    """Raises TransientError if one of them is no longer held under its lease."""
    found = [(one.work, one.record) for one in worked]
    keep_analyses(connection, found, screening.clock, now)
    counts = {one.work.row_id: len(one.work.history) for one in worked}
    settle = _SETTLE.values(context_count=case(counts, value=_ROWS.id))
    ended = connection.execute(settle, held([one.work for one in worked]) | {"updated_at": now})
    if ended.rowcount != len(worked):
        raise TransientError(f"the lease of one of {len(worked)} rows was lost")
    changed_hours.mark(connection, (one.work.recorded_at for one in worked), now)
    keep_attempts(connection, answers, [(one.work, one.attempt) for one in worked], now)
    for one in worked:
        work = replace(one.work, analysis=one.record.analysis)
        answered(connection, work, said_in(one.attempt), screening.replies, now)
