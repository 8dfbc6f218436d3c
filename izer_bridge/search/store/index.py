"""Reads messages into the index, many at a time, after they were recorded.

Nothing of it is on a message's way. What is left to do follows from the rows, so a kill loses
nothing: a message without its row in `search_words`, and the marks in `stale_words`.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from izer_bridge.domain.message import Kind
from izer_bridge.search.words import words_of
from izer_bridge.store import full_text
from izer_bridge.store.database import Database
from izer_bridge.store.tables import media, search_words, webhook_messages

_ROWS, _WORDS = webhook_messages.c, search_words.c
_BATCH = 500
# Rows get their ids before they are committed, so that one may appear below those already read: for
# a while, longer than any transaction lasts. In that while no bridge records this many.
_SETTLED = timedelta(minutes=1)
_UNSETTLED_IDS = 10_000
# A history takes seconds to be recorded, and would take a third more if it was read meanwhile.
_LONGEST_WAY = timedelta(seconds=10)
_QUERY: Select[Any] = select(
    _ROWS.id,
    _ROWS.kind,
    _ROWS.target_id,
    _ROWS.current_message,
    _ROWS.edited_text,
    _ROWS.media_file_name,
    media.c.words,
).outerjoin(media, media.c.webhook_message_id == _ROWS.id)


class SearchIndex:
    """`store` waits for a database that has its tables."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock
        # All rows up to here are read, whatever may still appear.
        self._settled: int | None = None
        self._after = 0
        self._ends: deque[tuple[datetime, int]] = deque()
        self._ended_at = clock()

    async def read_some(self) -> bool:
        """Read the next messages; whether there are more. Raises TransientError.

        Whoever waits to write goes first, until the last messages that were read are too long ago.
        """
        store = await self._store()
        if store.waiting and self._clock() < self._ended_at + _LONGEST_WAY:
            return False
        if self._settled is None:
            newest = await store.read(lambda one: one.scalar(select(func.max(_WORDS.id))))
            self._after = self._settled = max((newest or 0) - _UNSETTLED_IDS, 0)
        after = self._after
        newest, new, marks = await store.read(lambda connection: _due(connection, after))
        if new or marks:
            await store.write(lambda connection: _read(connection, new, marks))
        has_more = len(new) == _BATCH
        self._after = new[-1].id if has_more else self._settle(newest)
        if not has_more:
            self._ended_at = self._clock()
        return has_more or len(marks) == _BATCH

    def _settle(self, newest: int) -> int:
        now = self._clock()
        self._ends.append((now, newest))
        while self._ends and self._ends[0][0] <= now - _SETTLED:
            self._settled = self._ends.popleft()[1]
        return self._settled or 0


_Marks = dict[int, int]


def read_stale(connection: Connection) -> bool:
    """Read some of the messages again that have changed; whether there are more."""
    marks = full_text.stale(connection, _BATCH)
    if marks:
        _read(connection, (), marks)
    return bool(marks)


def _due(connection: Connection, after: int) -> tuple[int, Sequence[Row[Any]], _Marks]:
    """The newest row there is, rows after `after` that were not read, and the marks."""
    newest = connection.scalar(select(func.max(_ROWS.id))) or 0
    marks = full_text.stale(connection, _BATCH)
    if newest <= after:
        return newest, (), marks
    query = _QUERY.outerjoin(search_words, _WORDS.id == _ROWS.id)
    query = query.where(_ROWS.id > after, _WORDS.id.is_(None)).order_by(_ROWS.id).limit(_BATCH)
    return newest, connection.execute(query).all(), marks


def _read(connection: Connection, new: Sequence[Row[Any]], marks: _Marks) -> None:
    edited = {row.target_id for row in new if row.kind == Kind.EDIT}
    again = {*marks.values()} - {row.id for row in new}
    changed = _QUERY.where(or_(_ROWS.id.in_(again), _ROWS.message_id.in_(edited)))
    rows = [*new, *(connection.execute(changed) if again or edited else ())]
    full_text.put(connection, {row.id: _words(row) for row in rows})
    full_text.read_again(connection, [*marks])


def _words(row: Row[Any]) -> str:
    """An edit is found as the message that it changes, which has its old words and the new."""
    if row.kind == Kind.EDIT:
        return ""
    return words_of((row.edited_text, row.current_message, row.media_file_name, row.words))
