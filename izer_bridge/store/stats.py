"""What the last 24 hours came to, counted in one moment of the store so that the sums add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from izer_bridge.model.cost import Budget, dollars
from izer_bridge.model.importance import ImportanceRules
from izer_bridge.model.ledger import PENDING, State
from izer_bridge.model.media import MediaState
from izer_bridge.model.outbox import OutboxState
from izer_bridge.store import deliveries, escalation_register, gaps, own_groups, retention, spent
from izer_bridge.store.columns import unindexed
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.outbox_rows import IS_AT_WORK
from izer_bridge.store.tables import (
    agent_routing,
    analytics_results,
    media,
    outbox,
    webhook_messages,
)

_ROWS = webhook_messages.c
_DAY = timedelta(hours=24)
_NO_ACK_LASTS = timedelta(seconds=60)
_UNACKNOWLEDGED = (str(OutboxState.SENDING), str(OutboxState.UNCERTAIN))


@dataclass(frozen=True, slots=True)
class Stats:
    """`received = skipped + settled + pending + dead + uncertain`; the first three keys are legacy.

    `outbox` counts what was to be sent, by state; of all there is, `unacknowledged` is on its way
    for more than a minute, or uncertain.

    `failed` counts what waits after an error and what is dead. `media` counts files by state;
    `without_words` of them are kept, but could not be put into words so far. `escalations` are the
    open ones, in all and by level. `events` counts their
    deliveries, of which the pending and dead ones of any time; `removed`, what went for its age.
    `cost`, `cost_today` and `daily_cap` are US dollars as exact decimals; `daily_cap` is None
    without one.
    """

    total_messages: int
    processed_messages: int
    pending_messages: int
    received: int
    skipped: int
    settled: int
    pending: int
    dead: int
    uncertain: int
    failed: int
    skipped_by_reason: dict[str, int]
    by_category: dict[str, int]
    by_urgency: dict[str, int]
    by_agent: dict[str, int]
    by_analyser: dict[str, int]
    media: dict[str, int]
    outbox: dict[str, int]
    events: dict[str, int]
    removed: dict[str, int]
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost: str
    cost_today: str
    daily_cap: str | None
    daily_cap_reached: bool
    escalations: dict[str, int]


def last_day(connection: Connection, now: datetime, budget: Budget) -> Stats:
    """Messages recorded since 24 hours before `now`; `cost_today` is of the `budget`'s day."""
    recent = _ROWS.created_at >= now - _DAY
    states = _count(connection, _ROWS.state, recent)
    waiting_after_error = connection.scalar(
        select(func.count()).where(
            recent, _ROWS.state.in_(map(str, PENDING)), _ROWS.last_error.is_not(None)
        )
    )
    received = sum(states.values())
    pending = sum(states.get(state, 0) for state in PENDING)
    dead = states.get(State.DEAD, 0)
    usage, cost = spent.on_messages(connection, recent)
    today = spent.since(connection, budget.day_start(now))
    return Stats(
        total_messages=received,
        processed_messages=received - pending,
        pending_messages=pending,
        received=received,
        skipped=states.get(State.SKIPPED, 0),
        settled=states.get(State.SETTLED, 0),
        pending=pending,
        dead=dead,
        uncertain=states.get(State.UNCERTAIN, 0),
        failed=dead + (waiting_after_error or 0),
        skipped_by_reason=_count(
            connection, _ROWS.skip_reason, recent & _ROWS.skip_reason.is_not(None)
        ),
        by_category=_count(connection, analytics_results.c.category, recent),
        by_urgency=_count(connection, analytics_results.c.urgency_score, recent),
        by_agent=_count(
            connection, agent_routing.c.agent_type, recent & agent_routing.c.routing_success
        ),
        by_analyser=_count(connection, analytics_results.c.analyser, recent),
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
        cost=dollars(cost),
        cost_today=dollars(today),
        daily_cap=dollars(budget.cap) if budget.cap else None,
        daily_cap_reached=budget.is_spent(today),
        media=_count_media(connection, recent),
        escalations=escalation_register.count_open(connection),
        outbox=_count_outbox(connection, now),
        events=deliveries.count(connection, now - _DAY),
        removed=retention.removed_since(connection, now - _DAY),
    )


def _count_media(connection: Connection, condition: ColumnElement[bool]) -> dict[str, int]:
    wordless = (media.c.state == str(MediaState.KEPT)) & media.c.last_error.is_not(None)
    return (
        {str(state): 0 for state in MediaState}
        | _count(connection, media.c.state, condition)
        | {"without_words": sum(_count(connection, media.c.state, condition & wordless).values())}
    )


def _count_outbox(connection: Connection, now: datetime) -> dict[str, int]:
    columns = outbox.c
    found = connection.execute(
        select(columns.state, func.count())
        .where(columns.created_at >= now - _DAY)
        .group_by(columns.state)
    )
    is_late = or_(
        columns.state == str(OutboxState.UNCERTAIN), columns.sending_at < now - _NO_ACK_LASTS
    )
    unacknowledged = connection.scalar(
        select(func.count())
        .select_from(outbox)
        .where(IS_AT_WORK, columns.state.in_(_UNACKNOWLEDGED), is_late)
    )
    return (
        {str(state): 0 for state in OutboxState}
        | {row[0]: row[1] for row in found.all()}
        | {"unacknowledged": unacknowledged or 0}
    )


def _count(
    connection: Connection, column: ColumnElement[Any], condition: ColumnElement[bool]
) -> dict[str, int]:
    query = select(column, func.count(_ROWS.id.distinct())).where(condition).group_by(column)
    table = column.table
    if table is not webhook_messages:
        # From the messages of a day to what was made of them, never from all that was ever made.
        of_it = table.c.webhook_message_id == unindexed(_ROWS.id)
        query = query.join_from(webhook_messages, table, of_it)
    return {str(value): count for value, count in connection.execute(query).all()}


class StoredStats(OpenedStore):
    """The counts for a command. Raises TransientError, ConfigError."""

    async def last_day(self, now: datetime, budget: Budget) -> Stats:
        """See `last_day`."""
        return await self._database.read(lambda connection: last_day(connection, now, budget))

    async def open_gaps(self) -> int:
        """How many messages are missing now."""
        return await self._database.read(gaps.count_open)

    async def in_danger(self) -> Sequence[escalation_register.InDanger]:
        """Who has reported danger and waits for a person."""
        return await self._database.read(escalation_register.in_danger)

    async def unconfirmed(
        self, settings: ImportanceRules, since: datetime
    ) -> Sequence[own_groups.Bearer]:
        """Which groups carry a critical name and do not count."""
        return await self._database.read(
            lambda connection: own_groups.unconfirmed(connection, settings, since)
        )
