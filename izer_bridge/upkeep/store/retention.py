"""What is old enough to go, and its removal in batches that hold the store for moments only.

What is still worked on, waits, is dead or uncertain is never old; gaps never are.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from izer_bridge.domain.event import DeliveryState
from izer_bridge.domain.message_state import State
from izer_bridge.domain.outbox_state import AT_REST
from izer_bridge.domain.retention import FEWEST_DAYS
from izer_bridge.media.decide import MediaState
from izer_bridge.pipeline.store import remove_messages
from izer_bridge.store.database import Database
from izer_bridge.store.tables import (
    agent_calls,
    analytics_results,
    escalations,
    event_deliveries,
    events,
    media,
    outbox,
    outbox_files,
    posted_history,
    removals,
    webhook_messages,
)

_ROWS, _MEDIA, _EVENTS, _OUT = webhook_messages.c, media.c, events.c, outbox.c
_RESULTS, _FILES = analytics_results.c, outbox_files.c
_AT_REST = sorted(map(str, AT_REST))
_BATCH = 200

Remove = Callable[[Connection, Sequence[Any], datetime], None]


@dataclass(frozen=True, slots=True)
class _Rule:
    """Rows of one table: which are older than a cutoff (at a time), and how they are removed."""

    key: ColumnElement[Any]
    is_old: Callable[[datetime, datetime], ColumnElement[bool]]
    remove: Remove


class SqlRetention:
    """Removes old rows, one batch at a time, as ledger transactions.

    `store` waits for a database that has its tables. Every step is idempotent. Raises
    TransientError if the store is away.
    """

    def __init__(self, store: Callable[[], Awaitable[Database]]) -> None:
        self._store = store

    async def last_run(self) -> datetime | None:
        """When the latest completed removal began."""
        query = select(func.max(removals.c.started_at)).where(
            removals.c.reason == remove_messages.RETENTION, removals.c.ended_at.is_not(None)
        )
        found: datetime | None = await (await self._store()).read(
            lambda connection: connection.scalar(query)
        )
        return found

    async def count(self, cutoffs: Mapping[str, datetime], now: datetime) -> dict[str, int]:
        """How much would be removed, by table name; without rows that go with a message."""

        def read(connection: Connection) -> dict[str, int]:
            found = {}
            for table, (rule, cutoff) in _rules(cutoffs).items():
                query = select(func.count(rule.key)).where(rule.is_old(cutoff, now))
                found[table] = connection.scalar(query) or 0
            return found

        return await (await self._store()).read(read)

    async def begin(self, cutoffs: Mapping[str, datetime], at: datetime) -> list[str]:
        """Record the beginning; returns the tables to remove rows from, in this order."""
        before = cutoffs.get("analyses")
        await (await self._store()).write(
            lambda connection: remove_messages.begin(
                connection, remove_messages.RETENTION, at, before
            )
        )
        return list(_rules(cutoffs))

    async def remove_some(
        self, table: str, cutoffs: Mapping[str, datetime], began_at: datetime, after: Any
    ) -> tuple[int, Any]:
        """Remove one batch after the key `after` (None: the first); its size and last key."""
        rule, cutoff = _rules(cutoffs)[table]

        def change(connection: Connection) -> Sequence[Any]:
            query = select(rule.key).where(rule.is_old(cutoff, began_at))
            if after is not None:
                query = query.where(rule.key > after)
            keys = connection.scalars(query.order_by(rule.key).limit(_BATCH)).all()
            if keys:
                rule.remove(connection, keys, began_at)
            return keys

        keys = await (await self._store()).write(change)
        return len(keys), keys[-1] if keys else after

    async def end(self, began_at: datetime, now: datetime, removed: Mapping[str, int]) -> None:
        change = update(removals).where(removals.c.started_at == began_at)
        change = change.values(ended_at=now, removed=dict(removed))
        await (await self._store()).write(lambda connection: connection.execute(change))

    async def referred_to(self, paths: Sequence[str]) -> set[str]:
        """Which of these files messages still refer to, or are to be sent with."""
        to_be_sent = (
            select(_FILES.path)
            .join(outbox, _OUT.id == _FILES.outbox_id)
            .where(_FILES.path.in_(paths), _OUT.state.not_in(_AT_REST))
        )
        needed = select(_MEDIA.path).where(_MEDIA.path.in_(paths)).union(to_be_sent)
        found = await (await self._store()).read(
            lambda connection: connection.scalars(needed).all()
        )
        return {path for path in found if path is not None}


def _rules(cutoffs: Mapping[str, datetime]) -> dict[str, tuple[_Rule, datetime]]:
    """The rules of tables with a cutoff; messages first, since much is removed with them."""
    return {
        table: (rule, cutoffs[name]) for table, (name, rule) in _RULES.items() if name in cutoffs
    }


def _is_done() -> ColumnElement[bool]:
    answer_waits = exists().where(_OUT.webhook_message_id == _ROWS.id, _OUT.state.not_in(_AT_REST))
    somebody_waits = exists().where(
        escalations.c.webhook_message_id == _ROWS.id, escalations.c.ended_at.is_(None)
    )
    return and_(
        _ROWS.state.in_((str(State.SKIPPED), str(State.SETTLED))),
        _ROWS.lease_token.is_(None),
        ~answer_waits,
        ~somebody_waits,
    )


def _of_done_message(column: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(_ROWS.id == column, _is_done())


def _is_old_message(cutoff: datetime, now: datetime) -> ColumnElement[bool]:
    """Judged by when it was said; a message that arrived late must still be known for a while."""
    known_since = now - timedelta(days=FEWEST_DAYS)
    return and_(_is_done(), _ROWS.chat_time < cutoff, _ROWS.created_at < known_since)


def _is_old_media(cutoff: datetime, _: datetime) -> ColumnElement[bool]:
    has_something = or_(_MEDIA.path.is_not(None), _MEDIA.source.is_not(None))
    return and_(
        _MEDIA.created_at < cutoff,
        _MEDIA.next_attempt_at.is_(None),
        has_something,
        _of_done_message(_MEDIA.webhook_message_id),
    )


def _is_old_event(cutoff: datetime, _: datetime) -> ColumnElement[bool]:
    waits = exists().where(
        event_deliveries.c.event_id == _EVENTS.id,
        event_deliveries.c.state == str(DeliveryState.PENDING),
    )
    return and_(_EVENTS.created_at < cutoff, ~waits)


def _let_go(connection: Connection, keys: Sequence[int], now: datetime) -> None:
    """The file goes when no row refers to it; that there was one stays recorded."""
    state = str(MediaState.REMOVED)
    connection.execute(
        update(media)
        .where(_MEDIA.id.in_(keys))
        .values(state=state, path=None, source=None, updated_at=now)
    )


def _hanging(table: Any, column: ColumnElement[datetime]) -> _Rule:
    """Rows that belong to a message which stays."""

    def remove(connection: Connection, keys: Sequence[int], _: datetime) -> None:
        connection.execute(delete(table).where(table.c.id.in_(keys)))

    return _Rule(
        table.c.id,
        lambda cutoff, _: and_(column < cutoff, _of_done_message(table.c.webhook_message_id)),
        remove,
    )


def _is_old_context(cutoff: datetime, _: datetime) -> ColumnElement[bool]:
    return and_(
        _RESULTS.processed_at < cutoff,
        _RESULTS.context.is_not(None),
        _of_done_message(_RESULTS.webhook_message_id),
    )


def _forget_context(connection: Connection, keys: Sequence[int], _: datetime) -> None:
    connection.execute(update(analytics_results).where(_RESULTS.id.in_(keys)).values(context=None))


def _is_old_answer(cutoff: datetime, _: datetime) -> ColumnElement[bool]:
    return and_(_OUT.updated_at < cutoff, _OUT.state.in_(_AT_REST))


def _remove_answers(connection: Connection, keys: Sequence[int], _: datetime) -> None:
    remove_messages.remove_sent(connection, keys)


def _remove_events(connection: Connection, keys: Sequence[str], _: datetime) -> None:
    connection.execute(delete(events).where(_EVENTS.id.in_(keys)))


_RULES: dict[str, tuple[str, _Rule]] = {
    "messages": ("messages", _Rule(_ROWS.id, _is_old_message, remove_messages.remove_messages)),
    "history": ("history", _hanging(posted_history, posted_history.c.created_at)),
    "contexts": ("history", _Rule(_RESULTS.id, _is_old_context, _forget_context)),
    "analyses": ("analyses", _hanging(analytics_results, analytics_results.c.processed_at)),
    "routings": ("analyses", _hanging(agent_calls, agent_calls.c.routed_at)),
    "outbox": ("outbox", _Rule(_OUT.id, _is_old_answer, _remove_answers)),
    "media": ("media", _Rule(_MEDIA.id, _is_old_media, _let_go)),
    "events": ("events", _Rule(_EVENTS.id, _is_old_event, _remove_events)),
}
