"""Walks the whole ledger and reports inconsistencies. It changes nothing."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Result, Row, Select, Table, exists, func, select

from izer_bridge.domain.message_state import State
from izer_bridge.pipeline.store import hash_chain, remove_messages
from izer_bridge.reports.store import sums
from izer_bridge.reports.store.counting import by_hour
from izer_bridge.store.changed_hours import AN_HOUR, hour_of
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import (
    agent_calls,
    analytics_results,
    message_chain,
    posted_history,
    removals,
    webhook_messages,
)

_ROWS = webhook_messages.c
_CHAIN = message_chain.c
_BATCH = 1_000
_DAY = timedelta(days=1)
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` names a row or an entry, `what` says what is wrong with it."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to walk."""

    messages: int
    entries: int


class Verification(OpenedStore):
    """Of the store at `url`; used as a context manager. Raises TransientError, ConfigError.

    `step` is told how many messages and entries have been checked.
    """

    async def extent(self) -> Extent:
        return await self._database.read(_extent)

    async def problems(self, step: Callable[[int], None]) -> AsyncIterator[Problem]:
        """Everything that is wrong, as it is found."""
        async for problem in self._chain(step):
            yield problem
        async for problem in self._messages(step):
            yield problem
        for query, what in _RULES:
            for row in await self._rows(query):
                yield Problem(f"row {row.id}", what)
        async for problem in self._sums():
            yield problem
        for table in (analytics_results, agent_calls, posted_history):
            for row in await self._rows(_orphans(table)):
                yield Problem(f"{table.info['shown_as']} row {row.id}", "belongs to no message")

    async def _chain(self, step: Callable[[int], None]) -> AsyncIterator[Problem]:
        """Each link follows from the one before, and each entry has its message.

        A message that the bridge removed has only its link left; its removal is on record.
        """
        removed_at = {row.started_at for row in await self._rows(select(removals.c.started_at))}
        ends: dict[str, tuple[int, str]] = {}
        async for entries in self._batches(select(message_chain), _CHAIN.id):
            for entry in entries:
                before, link = ends.get(entry.account, (0, hash_chain.FIRST_LINK))
                where = f"entry {entry.position}"
                if entry.position != before + 1:
                    yield Problem(where, f"follows entry {before}: entries are missing")
                elif entry.removed_at is not None:
                    if entry.removed_at not in removed_at:
                        yield Problem(where, "was removed, though not by the bridge")
                elif entry.link_hash != hash_chain.link_hash(
                    link, entry.message_id, entry.chat_jid, entry.content_hash
                ):
                    yield Problem(where, "does not follow from the entry before it")
                ends[entry.account] = entry.position, entry.link_hash
            there = await self._present(entries)
            for entry in (one for one in entries if one.removed_at is None):
                if (entry.account, entry.message_id) not in there:
                    yield Problem(f"message {entry.message_id}", "was recorded and is gone")
            step(len(entries))

    async def _messages(self, step: Callable[[int], None]) -> AsyncIterator[Problem]:
        """Each message is what was recorded, in the order of its chat."""
        query = select(_ROWS.id, _ROWS.chat_id, *hash_chain.CONTENT_COLUMNS)
        last: dict[int, int] = {}
        async for rows in self._batches(query, _ROWS.id):
            written = await self._entries(rows)
            shared = await self._shared(rows)
            for row in rows:
                key = row.account, row.message_id, row.chat_jid
                if key not in written:
                    yield Problem(f"row {row.id}", "was not written by the bridge")
                    continue
                contents, first = written[key]
                content = hash_chain.content_hash(row._asdict())
                if content not in (contents if key in shared else contents[-1:]):
                    yield Problem(f"row {row.id}", "was changed after it was recorded")
                if key in shared:
                    continue
                if first < last.get(row.chat_id, 0):
                    yield Problem(f"row {row.id}", "stands in another order than it was recorded")
                last[row.chat_id] = first
            step(len(rows))

    async def _sums(self) -> AsyncIterator[Problem]:
        """Each hour's sum matches its rows, since rows were last removed or forgotten."""
        reasons = remove_messages.RETENTION, remove_messages.FORGET
        border = await self._database.read(lambda one: sums.whole_since(one, *reasons))
        begin, end = await self._database.read(sums.extent)
        begin = max(begin, hour_of(border) + AN_HOUR)
        while begin < end:
            until = min(begin + _DAY, end)
            compare = partial(_miscounted, begin=begin, end=until)
            for problem in await self._database.read(compare):
                yield problem
            begin = until

    async def _batches(
        self, query: Select[Any], key: ColumnElement[int]
    ) -> AsyncIterator[Sequence[Row[Any]]]:
        after = 0
        while True:
            rows = await self._rows(query.where(key > after).order_by(key).limit(_BATCH))
            if not rows:
                return
            yield rows
            after = rows[-1].id

    async def _present(self, entries: Sequence[Row[Any]]) -> set[tuple[str, str]]:
        ids = {entry.message_id for entry in entries}
        query = select(_ROWS.account, _ROWS.message_id).where(_ROWS.message_id.in_(ids))
        return {(row.account, row.message_id) for row in await self._rows(query)}

    async def _entries(self, rows: Sequence[Row[Any]]) -> dict[_Key, tuple[list[str], int]]:
        """The recorded contents, the latest last, and the first one's position."""
        ids = {row.message_id for row in rows}
        query = select(message_chain).where(_CHAIN.message_id.in_(ids))
        written: dict[_Key, tuple[list[str], int]] = {}
        for entry in await self._rows(query.order_by(_CHAIN.account, _CHAIN.position)):
            key = entry.account, entry.message_id, entry.chat_jid
            contents, _ = written.setdefault(key, ([], entry.position))
            contents.append(entry.content_hash)
        return written

    async def _shared(self, rows: Sequence[Row[Any]]) -> set[_Key]:
        """Ids that several writers of one chat chose for their messages; entries name no writer."""
        key = _ROWS.account, _ROWS.message_id, _ROWS.chat_jid
        query = select(*key).where(_ROWS.message_id.in_({row.message_id for row in rows}))
        found = await self._rows(query.group_by(*key).having(func.count() > 1))
        return {(row.account, row.message_id, row.chat_jid) for row in found}

    async def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        result: Result[Any] = await self._database.read(lambda one: one.execute(query))
        return result.all()


def _extent(connection: Connection) -> Extent:
    messages = connection.scalar(select(func.count()).select_from(webhook_messages))
    entries = connection.scalar(select(func.count()).select_from(message_chain))
    return Extent(messages or 0, entries or 0)


def _miscounted(connection: Connection, begin: datetime, end: datetime) -> list[Problem]:
    """Hours from then on whose sums and rows differ."""
    summed = sums.kept(connection, begin, end)
    counted = by_hour(connection, begin, end, with_times=True)
    return [
        Problem(
            f"hour {hour:%Y-%m-%d %H}:00 UTC",
            f"has {rows[key]} in its rows of {', '.join(key)}, and {kept[key]} in system_stats",
        )
        for hour, kept in summed.items()
        for rows in [counted.get(hour, Counter())]
        for key in sorted(kept.keys() | rows.keys())
        if kept[key] != rows[key]
    ]


def _orphans(table: Table) -> Select[tuple[int]]:
    columns = table.c
    return select(columns.id).where(~exists().where(_ROWS.id == columns.webhook_message_id))


def _has(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.c.webhook_message_id == _ROWS.id, *conditions)


def _in_state(*states: State) -> ColumnElement[bool]:
    return _ROWS.state.in_(map(str, states))


# An agent whose answer could not be used has received the message too.
_answered = agent_calls.c.response_data.is_not(None)
# Older ones may have lost theirs; see `removals`.
_HAS_ALL = _ROWS.created_at >= func.coalesce(
    select(func.max(removals.c.analyses_before)).scalar_subquery(), _ROWS.created_at
)
_WORKED = (State.ANALYSED, State.DISPATCHED, State.SETTLED, State.UNCERTAIN)
_RULES: tuple[tuple[Select[tuple[int]], str], ...] = (
    (
        select(_ROWS.id).where(_ROWS.state.not_in(map(str, State))),
        "is in a state that does not exist: the sums cannot be right",
    ),
    (
        select(_ROWS.id).where(_in_state(State.SKIPPED), _ROWS.skip_reason.is_(None)),
        "is skipped without a reason",
    ),
    (
        select(_ROWS.id).where(_in_state(*_WORKED), _HAS_ALL, ~_has(analytics_results)),
        "is analysed without an analysis",
    ),
    (
        select(_ROWS.id).where(
            _in_state(State.SETTLED),
            _HAS_ALL,
            ~_has(agent_calls, agent_calls.c.routing_success | _answered),
        ),
        "is settled though no agent took it",
    ),
    (
        select(_ROWS.id).where(
            _in_state(State.SKIPPED, State.SETTLED, State.DEAD), _ROWS.lease_token.is_not(None)
        ),
        "is done and still leased",
    ),
)
