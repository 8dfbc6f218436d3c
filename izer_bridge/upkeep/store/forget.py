"""Erases a person: every row that is theirs, speaks of them, or quotes them in others' rows.

Tables are found by their foreign keys, so one that is added later is covered by itself. The chain
over the messages that stay still holds; see `remove_messages`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, delete, or_, select, update

from izer_bridge.analysis.store.seen import rows_and_words
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.folding import fold, visible
from izer_bridge.domain.identity import LID_SERVER, NUMBER_SERVER
from izer_bridge.domain.importance import known_person
from izer_bridge.domain.message import Kind
from izer_bridge.pipeline.store import remove_messages
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import (
    analytics_results,
    chats,
    contacts,
    events,
    gaps,
    important_customers,
    media,
    metadata,
    posted_history,
    removals,
    webhook_messages,
)

_ROWS, _POSTED, _RESULTS = webhook_messages.c, posted_history.c, analytics_results.c
_BATCH = 200
NOBODY = "nobody in the store has that number, LID or name"
_Doomed = dict[Table, set[Any]]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whom a name, number or LID means: contacts, their addresses, and the names they go by."""

    contact_ids: tuple[int, ...]
    number: str | None
    lid: str | None
    names: frozenset[str]
    chat_ids: tuple[int, ...]
    wrote_in: tuple[int, ...]

    @property
    def keys(self) -> frozenset[str]:
        """As settings and tables name the important."""
        lid = self.lid and f"{self.lid}@{LID_SERVER}"
        return frozenset(one for one in (self.number, lid) if one)

    @property
    def addresses(self) -> tuple[str, ...]:
        """As JIDs."""
        number = self.number and f"{self.number.removeprefix('+')}@{NUMBER_SERVER}"
        lid = self.lid and f"{self.lid}@{LID_SERVER}"
        return tuple(one for one in (number, lid) if one)


@dataclass(slots=True)
class Found:
    """How many rows by table, and the files that came with messages."""

    rows: dict[str, int] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def add(self, table: str, count: int) -> None:
        if count:
            self.rows[table] = self.rows.get(table, 0) + count


class Forgetting(OpenedStore):
    """In the store at `url`. May be repeated. Raises TransientError, ConfigError."""

    tries = 6

    async def who(self, text: str) -> Forgotten:
        """Raises ConfigError for a name that nobody or several have; a number needs no contact."""
        return await self._database.read(lambda connection: _who(connection, text))

    async def count(self, person: Forgotten) -> Found:
        """What would be removed."""

        def read(connection: Connection) -> Found:
            found = Found()
            ids = _messages(connection, person, None)
            for start in range(0, len(ids), _BATCH):
                doomed = _collect(connection, webhook_messages, ids[start : start + _BATCH])
                _note(connection, doomed, found)
            _note(connection, _rest(connection, person), found)
            for one in _quotes(connection, person, ids):
                found.add(posted_history.name, len(one))
            return found

        return await self._database.read(read)

    async def erase(self, person: Forgotten, now: datetime) -> Found:
        """Messages in batches, each whole; at last the person."""
        found = Found()
        await self._database.write(
            lambda one: remove_messages.begin(one, remove_messages.FORGET, now)
        )
        while True:
            part = await self._database.write(lambda one: self._erase_some(one, person, now))
            if part is None:
                break
            for name, count in part.rows.items():
                found.add(name, count)
            found.files |= part.files

        last = await self._database.write(lambda one: _erase_rest(one, person))
        for name, count in last.rows.items():
            found.add(name, count)
        change = update(removals).where(removals.c.started_at == now)
        change = change.values(ended_at=datetime.now(UTC), removed=found.rows)
        await self._database.write(lambda connection: connection.execute(change))
        return found

    async def unused(self, paths: Sequence[str]) -> list[str]:
        """Those of these files that no message refers to."""
        query = select(media.c.path).where(media.c.path.in_(paths))
        used = set(await self._database.read(lambda one: one.scalars(query).all()))
        return [path for path in paths if path not in used]

    def _erase_some(self, connection: Connection, person: Forgotten, now: datetime) -> Found | None:
        ids = _messages(connection, person, _BATCH)
        if not ids:
            return None
        found = Found()
        doomed = _collect(connection, webhook_messages, ids)
        _note(connection, doomed, found)
        del doomed[webhook_messages]
        _delete(connection, doomed)
        _let_go_of_contexts(connection, ids)
        remove_messages.remove_messages(connection, ids, now)
        return found


def _erase_rest(connection: Connection, person: Forgotten) -> Found:
    """Quotations, and what is left of the person when no message is."""
    found = Found()
    for one in _quotes(connection, person, ()):
        found.add(posted_history.name, len(one))
        _unquote(connection, one, person.names)
    _unquote_answers(connection, person)
    doomed = _rest(connection, person)
    _note(connection, doomed, found)
    _delete(connection, doomed)
    return found


def _rest(connection: Connection, person: Forgotten) -> _Doomed:
    """The contact with its chats, gaps, importance, and what others were told."""
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
    # Events hold messages as text, each with the addresses of who wrote and where.
    users = [address.partition("@")[0] for address in jids]
    told = select(events.c.id).where(or_(*(events.c.payload.contains(user) for user in users)))
    doomed[events] = set(connection.scalars(told))
    return doomed


def _who(connection: Connection, text: str) -> Forgotten:
    rows = connection.execute(select(contacts)).all()
    key = known_person(text)
    theirs = [row for row in rows if key and key in (row.number, row.lid and f"{row.lid}@lid")]
    if not theirs and text.strip():
        theirs = [row for row in rows if fold(visible(row.name)) == fold(visible(text))]
    if not theirs and key:
        # Erased before, perhaps; the session and what names them by address may be left.
        number, lid = (None, key.partition("@")[0]) if "@" in key else (key, None)
        return Forgotten((), number, lid, frozenset(), (), ())
    if not theirs:
        raise ConfigError(NOBODY)
    if len(theirs) > 1:
        raise ConfigError(f"{len(theirs)} people have that name; give the number or the LID")
    return _known(connection, theirs[0])


def _known(connection: Connection, row: Row[Any]) -> Forgotten:
    own = select(_ROWS.sender_name).where(_ROWS.sender_id == row.id).distinct()
    digits = (row.number or "").removeprefix("+")
    names = {row.name, row.number, digits, row.lid, *connection.scalars(own)}
    direct = connection.scalars(select(chats.c.id).where(chats.c.contact_id == row.id))
    wrote = select(_ROWS.chat_id).where(_ROWS.sender_id == row.id).distinct()
    return Forgotten(
        contact_ids=(row.id,),
        number=row.number,
        lid=row.lid,
        names=frozenset(name for name in names if name),
        chat_ids=tuple(direct),
        wrote_in=tuple(connection.scalars(wrote)),
    )


def _messages(connection: Connection, person: Forgotten, limit: int | None) -> Sequence[int]:
    """Those that they sent, and all of their own chats."""
    query = select(_ROWS.id).where(
        or_(_ROWS.sender_id.in_(person.contact_ids), _ROWS.chat_id.in_(person.chat_ids))
    )
    return connection.scalars(query.order_by(_ROWS.id).limit(limit)).all()


def _collect(connection: Connection, table: Table, ids: Collection[Any]) -> _Doomed:
    """These rows with all that refer to them."""
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
    query = select(media.c.path).where(media.c.id.in_(doomed.get(media, ())))
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
    """The columns that hold this table's ids; messages are removed in a way of their own."""
    return [
        (other, key.parent)
        for other in metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table is table and other is not webhook_messages
    ]


def _quotes(connection: Connection, person: Forgotten, without: Sequence[int]) -> list[list[Any]]:
    """What was posted of theirs with others' messages, in chats that they wrote in, by message."""
    query = (
        select(_POSTED.id, _POSTED.webhook_message_id)
        .join(webhook_messages, _ROWS.id == _POSTED.webhook_message_id)
        .where(_ROWS.chat_id.in_(person.wrote_in), _POSTED.sender.in_(person.names))
    )
    gone = set(without)
    by_message: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        if row.webhook_message_id not in gone:
            by_message.setdefault(row.webhook_message_id, []).append(row)
    return list(by_message.values())


def _let_go_of_contexts(connection: Connection, ids: Sequence[int]) -> None:
    """Out of what analyses of others have seen: these messages, and their words in reactions.

    No row takes the place of one that goes, so that the others keep theirs.
    """
    doomed = connection.execute(select(_ROWS.chat_id, _ROWS.message_id).where(_ROWS.id.in_(ids)))
    chat_ids, names = map(set, zip(*doomed.all(), strict=True))
    reactions = set(
        connection.scalars(
            select(_ROWS.id)
            .where(_ROWS.chat_id.in_(chat_ids), _ROWS.target_id.in_(names))
            .where(_ROWS.kind == str(Kind.REACTION))
        )
    )
    seen = connection.execute(
        select(_RESULTS.id, _RESULTS.context)
        .join(webhook_messages, _ROWS.id == _RESULTS.webhook_message_id)
        .where(_ROWS.chat_id.in_(chat_ids), _RESULTS.context.is_not(None))
    )
    gone = set(ids)
    for result_id, context in seen.all():
        left = [
            0 if row_id in gone else row_id if row_id in reactions else one
            for one, (row_id, _) in zip(context, rows_and_words(context), strict=True)
        ]
        if left != context:
            connection.execute(
                update(analytics_results).where(_RESULTS.id == result_id).values(context=left)
            )


def _unquote(connection: Connection, quotes: Sequence[Any], names: frozenset[str]) -> None:
    """Out of a message's context and of the request that it came with."""
    row_id = quotes[0].webhook_message_id
    connection.execute(delete(posted_history).where(_POSTED.id.in_([row.id for row in quotes])))
    raw = connection.scalar(select(_ROWS.raw_data).where(_ROWS.id == row_id))
    if isinstance(raw, dict) and isinstance(raw.get("history"), list):
        raw = _without(raw, names)
        connection.execute(update(webhook_messages).where(_ROWS.id == row_id).values(raw_data=raw))


def _unquote_answers(connection: Connection, person: Forgotten) -> None:
    """Out of what others of a group have answered to the person."""
    rows = connection.execute(
        select(_ROWS.id, _ROWS.context_info).where(
            _ROWS.chat_id.in_(person.wrote_in), _ROWS.context_info.is_not(None)
        )
    )
    for row_id, around in rows.all():
        if (around.get("quoted") or {}).get("sender") in person.names:
            around = {name: part for name, part in around.items() if name != "quoted"}
            connection.execute(
                update(webhook_messages).where(_ROWS.id == row_id).values(context_info=around)
            )


def _without(raw: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    kept = [
        one for one in raw["history"] if not (isinstance(one, dict) and one.get("sender") in names)
    ]
    return {**raw, "history": kept}
