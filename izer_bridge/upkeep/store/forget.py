"""Erases a person: every row that is theirs, mentions them, or quotes them in others' rows.

Tables are found by their foreign keys, so a table added later is covered automatically. The chain
over the remaining messages still holds; see `remove_messages`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, delete, or_, select, update

from izer_bridge.domain.importance import known_person
from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.pipeline.store import remove_messages
from izer_bridge.search.store.index import read_stale
from izer_bridge.store import full_text
from izer_bridge.store.database import Database
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import (
    analytics_results,
    api_answers,
    contacts,
    events,
    gaps,
    important_customers,
    media,
    metadata,
    outbox,
    outbox_files,
    posted_history,
    removals,
    webhook_messages,
)
from izer_bridge.upkeep.store import quotations, traces
from izer_bridge.upkeep.store.person import Forgotten, messages, theirs, who

_ROWS, _POSTED, _RESULTS = webhook_messages.c, posted_history.c, analytics_results.c
_OUT = outbox.c
_BATCH = 200
# It writes the whole index anew, beside the message's way.
_SWEEP_SECONDS = 3_600.0
NOBODY = "nobody in the store has that number, LID or name"
_Doomed = dict[Table, set[Any]]


@dataclass(slots=True)
class Found:
    """How many rows are removed and how many lose words, by table, and the messages' files.

    `going` and `going_unsent` are the rows of `media` and `outbox_files` among them.
    """

    rows: dict[str, int] = field(default_factory=dict)
    cleared: dict[str, int] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    going: set[int] = field(default_factory=set)
    going_unsent: set[int] = field(default_factory=set)
    traces: dict[Table, list[Any]] = field(default_factory=dict)

    def add(self, table: str, count: int) -> None:
        if count:
            self.rows[table] = self.rows.get(table, 0) + count


class Forgetting(OpenedStore):
    """In the store at `url`. May be repeated. Raises TransientError, ConfigError."""

    tries = 6

    async def who(self, text: str) -> Forgotten:
        """Raises ConfigError for a name of nobody or of several; a number needs no contact."""
        return await self._database.read(lambda connection: who(connection, text))

    async def count(self, person: Forgotten) -> Found:
        """What would be removed."""

        def read(connection: Connection) -> Found:
            found = Found()
            doomed: _Doomed = {}
            ids = [*_told(connection, person), *messages(connection, person, None)]
            for start in range(0, len(ids), _BATCH):
                some = _collect(connection, webhook_messages, ids[start : start + _BATCH])
                _note(connection, some, found)
                _join(doomed, some)
            rest = _rest(connection, person)
            _note(connection, rest, found)
            _join(doomed, rest)
            for one in quotations.quotes(connection, person, ids):
                found.add(posted_history.name, len(one))
                _join(doomed, {posted_history: {row.id for row in one}})
            found.going = doomed.get(media, set())
            found.going_unsent = doomed.get(outbox_files, set())
            found.traces = traces.find(connection, person.traces, doomed)
            found.cleared = {
                table.info["shown_as"]: len(ids) for table, ids in found.traces.items()
            }
            return found

        return await self._database.read(read)

    async def erase(self, person: Forgotten, found: Found, now: datetime) -> None:
        """Messages in batches, each whole; then the person, and mentions in others' rows.

        `found` is the result of `count`; rows added meanwhile are removed as well.
        """
        await self._database.write(
            lambda one: remove_messages.begin(one, remove_messages.FORGET, now)
        )
        await self._database.write(lambda one: _remove_told(one, person, now))
        some = partial(_erase_some, person=person, now=now)
        while await self._database.write(some):
            pass
        for table, ids in traces.batches(found.traces):
            clear = partial(traces.clear, traces=person.traces, table=table, ids=ids, now=now)
            await self._database.write(clear)
        # Last: who is killed before finds the person again by the contact, with name and LID.
        await self._database.write(lambda one: _erase_rest(one, person))
        change = update(removals).where(removals.c.started_at == now)
        change = change.values(ended_at=datetime.now(UTC), removed=found.rows)
        await self._database.write(lambda connection: connection.execute(change))

    async def unused(self, found: Found) -> list[str]:
        """Those of its files to which no row refers that stays."""

        def used(connection: Connection) -> set[str]:
            kept = set()
            for table, going in ((media, found.going), (outbox_files, found.going_unsent)):
                query = select(table.c.id, table.c.path).where(table.c.path.in_(found.files))
                kept |= {row.path for row in connection.execute(query) if row.id not in going}
            return kept

        return sorted(found.files - await self._database.read(used))


async def sweep_words(url: str) -> None:
    """Leave no word of theirs in the search index. Raises TransientError."""
    async with Database(url, transaction_seconds=_SWEEP_SECONDS) as database:
        while await database.write(read_stale):
            pass
        await database.write(full_text.sweep)


def _erase_some(connection: Connection, person: Forgotten, now: datetime) -> bool:
    """The next of their messages; False if none was left."""
    ids = messages(connection, person, _BATCH)
    if ids:
        _remove(connection, ids, now)
    return bool(ids)


def _remove(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    full_text.take_out(connection, ids)
    doomed = _collect(connection, webhook_messages, ids)
    del doomed[webhook_messages]
    _delete(connection, doomed)
    quotations.let_go_of_contexts(connection, ids)
    remove_messages.remove_messages(connection, ids, now)


def _told(connection: Connection, person: Forgotten) -> list[int]:
    """Notices about the person in the chats of the shop's own people, and the answers to them."""
    about = select(_OUT.whatsapp_id, _OUT.chat_jid).where(
        _OUT.kind == str(OutboxKind.NOTICE),
        _OUT.whatsapp_id.is_not(None),
        or_(
            _OUT.webhook_message_id.in_(theirs(person)),
            *(_OUT.proposed_text.like(like, escape="!") for like in person.traces.likes()),
        ),
    )
    own = set(messages(connection, person, None))
    found: set[int] = set()
    for row in connection.execute(about).all():
        query = select(_ROWS.id).where(
            or_(
                and_(_ROWS.message_id == row.whatsapp_id, _ROWS.from_me.is_(True)),
                _ROWS.target_id == row.whatsapp_id,
            )
        )
        found |= set(connection.scalars(query))
    return sorted(found - own)


def _remove_told(connection: Connection, person: Forgotten, now: datetime) -> None:
    ids = _told(connection, person)
    if ids:
        _remove(connection, ids, now)


def _join(doomed: _Doomed, more: _Doomed) -> None:
    for table, ids in more.items():
        doomed.setdefault(table, set()).update(ids)


def _erase_rest(connection: Connection, person: Forgotten) -> None:
    """Quotations, and what is left of the person once no message is."""
    for one in quotations.quotes(connection, person, ()):
        quotations.unquote(connection, one, person.names)
    quotations.unquote_answers(connection, person)
    _delete(connection, _rest(connection, person))


def _rest(connection: Connection, person: Forgotten) -> _Doomed:
    """The contact with its chats, gaps, importance, events, and answers of `/v1`."""
    doomed = _collect(connection, contacts, person.contact_ids)
    customers = select(important_customers.c.id, important_customers.c.phone_number)
    doomed[important_customers] = {
        row.id
        for row in connection.execute(customers)
        if known_person(row.phone_number) in person.keys
    }
    jids = person.addresses
    missing = select(gaps.c.id).where(or_(gaps.c.chat_jid.in_(jids), gaps.c.sender_jid.in_(jids)))
    doomed[gaps] = set(connection.scalars(missing))
    # Events contain messages as text, each with the addresses of writer and chat.
    users = [address.partition("@")[0] for address in jids]
    told = select(events.c.id).where(or_(*(events.c.payload.contains(user) for user in users)))
    doomed[events] = set(connection.scalars(told))
    # A day's answers of `/v1` repeat anybody's words; without them a write is asked for anew.
    doomed[api_answers] = set(connection.scalars(select(api_answers.c.id)))
    return doomed


def _collect(connection: Connection, table: Table, ids: Collection[Any]) -> _Doomed:
    """These rows with all rows that refer to them."""
    doomed: _Doomed = {table: set(ids)}
    for other, column in _referring(table):
        query = select(other.c.id).where(column.in_(ids))
        rows = set(connection.scalars(query)) - doomed.get(other, set())
        if rows:
            for further, more in _collect(connection, other, rows).items():
                doomed[further] = doomed.get(further, set()) | more
    return doomed


def _note(connection: Connection, doomed: _Doomed, found: Found) -> None:
    for table, ids in doomed.items():
        found.add(table.info["shown_as"], len(ids))
    for table in (media, outbox_files):
        query = select(table.c.path).where(table.c.id.in_(doomed.get(table, ())))
        found.files |= {path for path in connection.scalars(query) if path}


def _delete(connection: Connection, doomed: _Doomed) -> None:
    """Those that refer to others first."""
    for table in reversed(metadata.sorted_tables):
        ids = doomed.get(table)
        if not ids:
            continue
        for other, column in _referring(table):
            if other is table:
                let_go = update(table).where(column.in_(ids)).values({column.name: None})
                connection.execute(let_go)
        connection.execute(delete(table).where(table.c.id.in_(ids)))


def _referring(table: Table) -> list[tuple[Table, Column[Any]]]:
    """The columns that refer to this table's ids; messages are removed separately."""
    return [
        (other, key.parent)
        for other in metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table is table and other is not webhook_messages
    ]
