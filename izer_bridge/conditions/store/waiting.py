"""What waits in the store for somebody, for the operator: few counts, each bounded."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from izer_bridge.analysis.store import spent
from izer_bridge.conditions.facts import Backlog, DayFacts, SendingStop, WaitingFacts
from izer_bridge.domain.cost import Budget
from izer_bridge.domain.escalation import Why
from izer_bridge.domain.message_state import PENDING, State
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.store.transitions import IS_OPEN
from izer_bridge.replies.store.answered import is_unanswered
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK
from izer_bridge.replies.takeover_plan import PauseReason
from izer_bridge.reports.store import sums
from izer_bridge.store.columns import spelled
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import (
    chat_pauses,
    escalations,
    gaps,
    outbox,
    send_breakers,
    webhook_messages,
)

_OUT, _PAUSES, _BREAKERS = outbox.c, chat_pauses.c, send_breakers.c
_CASES, _GAPS, _ROWS = escalations.c, gaps.c, webhook_messages.c
_DAY = timedelta(hours=24)
_IN_DANGER = _CASES.why == str(Why.DANGER)
_IS_UNANSWERED = is_unanswered(_CASES.webhook_message_id)


def now(connection: Connection, at: datetime) -> WaitingFacts:
    is_paused = or_(_PAUSES.paused_until.is_(None), _PAUSES.paused_until > at)
    is_limited = and_(is_paused, _PAUSES.reason == str(PauseReason.LIMITED))
    is_open = and_(IS_OPEN, _IS_UNANSWERED)
    return WaitingFacts(
        stop=_stop(connection, at),
        paused_chats=_backlog(connection, chat_pauses, _PAUSES.created_at, is_paused).count,
        limited_chats=_backlog(connection, chat_pauses, _PAUSES.updated_at, is_limited),
        uncertain=_sends(connection, OutboxState.UNCERTAIN),
        drafts=_sends(connection, OutboxState.DRAFT),
        escalations=_late(connection, and_(is_open, ~_IN_DANGER), at),
        in_danger=_backlog(connection, escalations, _CASES.since, and_(is_open, _IN_DANGER)),
        gaps=_backlog(connection, gaps, _GAPS.noticed_at, _GAPS.closed_at.is_(None)),
        after_error=_after_error(connection),
        newest_at=_newest(connection),
    )


def of_day(connection: Connection, now: datetime, budget: Budget) -> DayFacts:
    """From the hours' sums, and from the rows of hours without a sum."""
    counts = sums.since(connection, now - _DAY, now)
    failed = and_(_OUT.created_at >= now - _DAY, _OUT.state == str(OutboxState.FAILED))
    today = spent.since(connection, budget.day_start(now)) if budget.cap else 0
    return DayFacts(
        dead=counts["messages_by_state", str(State.DEAD)],
        failed_sends=_backlog(connection, outbox, _OUT.updated_at, failed),
        is_budget_spent=budget.is_spent(today),
    )


def _stop(connection: Connection, now: datetime) -> SendingStop | None:
    found = connection.execute(
        select(_BREAKERS.open_until, _BREAKERS.opened_at, _BREAKERS.reason)
        .where(_BREAKERS.closed_at.is_(None), _BREAKERS.open_until > now)
        .order_by(_BREAKERS.open_until.desc())
        .limit(1)
    ).first()
    return found and SendingStop(found.open_until, found.opened_at, found.reason or "")


def _sends(connection: Connection, state: OutboxState) -> Backlog:
    return _backlog(connection, outbox, _OUT.updated_at, and_(IS_AT_WORK, _OUT.state == str(state)))


def _late(connection: Connection, is_open: ColumnElement[bool], now: datetime) -> Backlog:
    """Those whose first level was due: until then nobody waits longer than they should."""
    is_due = or_(_CASES.level > 0, _CASES.next_at.is_(None), _CASES.next_at <= now)
    return _backlog(connection, escalations, _CASES.since, and_(is_open, is_due))


def _after_error(connection: Connection) -> int:
    is_pending = _ROWS.state.in_(spelled(PENDING))
    return _backlog(
        connection, webhook_messages, _ROWS.id, and_(is_pending, _ROWS.last_error.is_not(None))
    ).count


def _newest(connection: Connection) -> datetime | None:
    newest = select(_ROWS.created_at).where(
        _ROWS.id == select(func.max(_ROWS.id)).scalar_subquery()
    )
    found: datetime | None = connection.scalar(newest)
    return found


def _backlog(
    connection: Connection, table: Table, since: Any, which: ColumnElement[bool]
) -> Backlog:
    query = select(func.count(), func.min(since)).select_from(table).where(which)
    count, first = connection.execute(query).one()
    return Backlog(int(count), first if isinstance(first, datetime) else None)


class StoredWaiting(OpenedStore):
    """The same for a command. Raises TransientError, ConfigError."""

    async def now(self, at: datetime) -> WaitingFacts:
        """What waits for somebody."""
        return await self._database.read(lambda connection: now(connection, at))

    async def of_day(self, at: datetime, budget: Budget) -> DayFacts:
        """The parts of the last 24 hours that somebody should look at."""
        return await self._database.read(lambda connection: of_day(connection, at, budget))
