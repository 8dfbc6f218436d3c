"""Messages that are no longer retried: listed, tried again, or dropped by the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, true, update

from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.store import changed_hours
from izer_bridge.store.columns import spelled
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import webhook_messages

_ROWS = webhook_messages.c
# As the index says it that has no others.
_IS_DEAD = _ROWS.state.in_(spelled([State.DEAD]))
_LETTERS = select(
    _ROWS.id,
    _ROWS.message_id,
    _ROWS.chat_name,
    _ROWS.attempts,
    _ROWS.last_error,
    _ROWS.updated_at,
).where(_IS_DEAD)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead message; it says where it came from and why it is dead, not what was written."""

    row_id: int
    message_id: str
    chat_name: str
    attempts: int
    error: str
    died_at: datetime


def listed(connection: Connection, most: int | None = None, after: int = 0) -> Sequence[DeadLetter]:
    """Oldest first; no more than `most`, behind the row `after`."""
    query = _LETTERS.where(_ROWS.id > after).order_by(_ROWS.id).limit(most)
    return [DeadLetter(*row[:4], row[4] or "", row[5]) for row in connection.execute(query)]


def lately(connection: Connection, most: int, since: datetime) -> Sequence[DeadLetter]:
    """Of messages recorded since then, oldest first: however old the store, no more is read."""
    # In the order of the index; by their ids SQLite would read from the first row on.
    query = _LETTERS.where(_ROWS.created_at >= since).order_by(_ROWS.created_at).limit(most)
    return [DeadLetter(*row[:4], row[4] or "", row[5]) for row in connection.execute(query)]


def retry(connection: Connection, row_ids: Sequence[int] | None, now: datetime) -> int:
    """Let the worker start these again, or all; how many there were."""
    return _move(connection, row_ids, now, state=str(State.RECORDED), last_error=None)


def _move(
    connection: Connection, row_ids: Sequence[int] | None, now: datetime, **values: Any
) -> int:
    chosen: ColumnElement[bool] = true() if row_ids is None else _ROWS.id.in_(row_ids)
    which = and_(_IS_DEAD, chosen)
    changed_hours.mark_rows(connection, which, now)
    change = update(webhook_messages).where(which)
    changed = change.values(next_attempt_at=None, updated_at=now, **values)
    return int(connection.execute(changed).rowcount)


class DeadLetters(OpenedStore):
    """The dead letters of the store at `url`; a context manager.

    Raises TransientError, ConfigError.
    """

    async def list(self) -> Sequence[DeadLetter]:
        """All of them, oldest first."""
        return await self._database.read(listed)

    async def retry(self, row_ids: Sequence[int] | None) -> int:
        """See `retry`."""
        now = datetime.now(UTC)
        return await self._database.write(lambda connection: retry(connection, row_ids, now))

    async def drop(self, row_ids: Sequence[int]) -> int:
        """Give these up; they stay recorded as skipped. How many there were."""
        now, given_up = datetime.now(UTC), str(SkipReason.DROPPED)
        return await self._database.write(
            lambda connection: _move(
                connection, row_ids, now, state=str(State.SKIPPED), skip_reason=given_up
            )
        )
