"""The last 24 hours in figures, counted in one moment of the store so that the sums add up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from izer_bridge.analysis.store import spent
from izer_bridge.domain.cost import Budget, dollars
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message_state import PENDING, State
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.store import admin
from izer_bridge.events.store import deliveries
from izer_bridge.media.decide import MediaState
from izer_bridge.people.store import own_groups
from izer_bridge.pipeline.store import gaps
from izer_bridge.pipeline.store.remove_messages import removed_since
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK
from izer_bridge.reports.customers import Customers
from izer_bridge.reports.store import customers, sums
from izer_bridge.reports.store.counting import ALL, RECORDED, Counts
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import outbox

_DAY = timedelta(hours=24)
_NO_ACK_LASTS = timedelta(seconds=60)
_UNACKNOWLEDGED = (str(OutboxState.SENDING), str(OutboxState.UNCERTAIN))


@dataclass(frozen=True, slots=True)
class Stats:
    """`received = skipped + settled + pending + dead + uncertain`; the first three keys are legacy.

    `outbox` counts rows to be sent, by state; among all rows there are, `unacknowledged` have been
    on their way for more than a minute, or are uncertain.

    `failed` counts messages that wait after an error and dead ones. `media` counts files by state;
    `without_words` of them are kept, but could not be put into words so far. `escalations` are the
    open ones, in all and by level. `events` counts their deliveries, pending and dead ones of any
    time; `removed`, what retention has removed. `cost`, `cost_today` and `daily_cap` are US dollars
    as exact decimals; `daily_cap` is None without one.
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
    counts = sums.since(connection, now - _DAY, now)
    states = _parts(counts, "messages_by_state")
    received = counts[RECORDED, ALL]
    pending = sum(states.get(state, 0) for state in PENDING)
    dead = states.get(State.DEAD, 0)
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
        failed=dead + counts["messages_waiting_after_error", ALL],
        skipped_by_reason=_parts(counts, "messages_by_skip_reason"),
        by_category=_parts(counts, "messages_by_category"),
        by_urgency=_parts(counts, "messages_by_urgency"),
        by_agent=_parts(counts, "messages_by_agent"),
        by_analyser=_parts(counts, "messages_by_analyser"),
        input_tokens=counts["input_tokens", ALL],
        cached_input_tokens=counts["cached_input_tokens", ALL],
        output_tokens=counts["output_tokens", ALL],
        cost=dollars(counts["cost_micro_usd", ALL]),
        cost_today=dollars(today),
        daily_cap=dollars(budget.cap) if budget.cap else None,
        daily_cap_reached=budget.is_spent(today),
        media={str(state): 0 for state in MediaState}
        | _parts(counts, "media_by_state")
        | {"without_words": counts["media_without_words", ALL]},
        escalations=admin.count_open(connection),
        outbox=_count_outbox(connection, now),
        events=deliveries.count(connection, now - _DAY),
        removed=removed_since(connection, now - _DAY),
    )


def _parts(counts: Counts, kind: str) -> dict[str, int]:
    return {part: number for (of, part), number in counts.items() if of == kind}


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


class StoredStats(OpenedStore):
    """The counts for a command. Raises TransientError, ConfigError."""

    async def last_day(self, now: datetime, budget: Budget) -> Stats:
        """See `last_day`."""
        return await self._database.read(lambda connection: last_day(connection, now, budget))

    async def customers(self, now: datetime, own_people: Collection[str]) -> Customers:
        """Customers who wrote in the 24 hours before `now`, and how they were answered."""
        return await self._database.read(
            lambda connection: customers.since(connection, now - _DAY, own_people)
        )

    async def open_gaps(self) -> int:
        """How many messages are missing now."""
        return await self._database.read(gaps.count_open)

    async def in_danger(self) -> Sequence[admin.InDanger]:
        """People who have reported danger and wait for a person."""
        return await self._database.read(admin.in_danger)

    async def unconfirmed(
        self, settings: ImportanceRules, since: datetime
    ) -> Sequence[own_groups.Bearer]:
        """Groups that carry a critical name and do not count."""
        return await self._database.read(
            lambda connection: own_groups.unconfirmed(connection, settings, since)
        )
