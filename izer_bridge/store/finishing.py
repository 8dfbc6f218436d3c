"""Ends messages that were analysed and answered in one go: all their steps in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, update

from izer_bridge.model.errors import TransientError
from izer_bridge.model.ledger import State
from izer_bridge.pipeline.ports import Work, Worked
from izer_bridge.store.analyses import keep_analyses
from izer_bridge.store.draft_notices import answered
from izer_bridge.store.leases import NO_LEASE, UNDER_LEASES, held
from izer_bridge.store.proposing import said_in
from izer_bridge.store.recording import Screening
from izer_bridge.store.routes import attempt_row
from izer_bridge.store.tables import agent_routing, webhook_messages

# Through "analysed" and "dispatched" as well, in one write: nobody can see a state between.
_SETTLE = (
    update(webhook_messages)
    .where(UNDER_LEASES, webhook_messages.c.state == str(State.RECORDED))
    .values(state=str(State.SETTLED), last_error=None, **NO_LEASE)
)


def finish(
    connection: Connection, worked: Sequence[Worked], screening: Screening, now: datetime
) -> None:
    """Raises TransientError where one of them is no longer held under its lease."""
    _settle(connection, [one.work for one in worked], now)
    keep_analyses(connection, [(one.work, one.record) for one in worked], now)
    connection.execute(
        insert(agent_routing), [attempt_row(one.work, one.attempt, now) for one in worked]
    )
    for one in worked:
        answered(connection, one.work, said_in(one.attempt), screening, now)


def _settle(connection: Connection, works: Sequence[Work], now: datetime) -> None:
    alike: dict[tuple[int, int], list[Work]] = defaultdict(list)
    for work in works:
        alike[work.attempts, len(work.history)].append(work)
    for (attempts, said_before), some in alike.items():
        moved = {"attempts": attempts + 1, "context_count": said_before, "updated_at": now}
        if connection.execute(_SETTLE, held(some) | moved).rowcount != len(some):
            raise TransientError(f"the lease of one of {len(some)} rows was lost")
