"""Stored messages and what became of them, for people to read and export."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Result, Row, Select, func, null, or_, select

from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.folding import fold, visible
from izer_bridge.domain.identity import Jid, normalise_number
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.message_state import AMONG_US
from izer_bridge.people.store.own_chats import own_chats
from izer_bridge.store.columns import unindexed
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import (
    agent_calls,
    analytics_results,
    chats,
    contacts,
    media,
    webhook_messages,
)

_ROWS, _RESULTS = webhook_messages.c, analytics_results.c
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages: in a chat (part of its name, number, LID or JID), at least this urgent,
    handed to that agent, judged to be of that category, written by a person (known as `chat` is),
    sent at `since` or later and before `until`. None means no condition.
    `with_customers` leaves out what passes between the bridge and the shop's own people.
    """

    chat: str | None = None
    min_urgency: int | None = None
    agent: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    with_customers: bool = False
    own_people: frozenset[str] | None = None
    person: str | None = None
    category: str | None = None
    chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One message as a person reads it. `text` announces media; times are UTC.

    `urgency` to `answer_within` are None if it was not analysed, `agent` if no agent got it.
    """

    row_id: int
    message_id: str
    sent_at: datetime
    chat: str
    sender: str
    phone_number: str
    from_me: bool
    kind: str
    text: str
    revoked: bool
    vip: bool
    state: str
    skip_reason: str | None
    error: str | None
    urgency: int | None
    category: str | None
    sentiment: str | None
    priority: str | None
    answer_within: str | None
    analyser: str | None
    agent: str | None
    chat_id: int

    @property
    def plain(self) -> dict[str, Any]:
        """For machines: times in UTC."""
        return asdict(self) | {"sent_at": self.sent_at.isoformat()}


class Browsing(OpenedStore):
    """Reads the store at `url`. Raises TransientError, ConfigError (also for an invalid chat)."""

    async def last(self, wanted: MessageFilter, count: int) -> Sequence[Read]:
        """The `count` messages recorded last, oldest first."""
        query = await self._query(wanted)
        rows = await self._rows(query.order_by(_ROWS.id.desc()).limit(count))
        return [read(row) for row in reversed(rows)]

    async def newest_id(self) -> int:
        """The row that was recorded last; 0 if there is none."""
        return await self._number(select(func.max(_ROWS.id)))

    async def after(self, wanted: MessageFilter, row_id: int) -> Sequence[Read]:
        """Messages recorded after a row, one batch at most, oldest first."""
        query = (await self._query(wanted)).where(_ROWS.id > row_id)
        return [read(row) for row in await self._rows(query.order_by(_ROWS.id).limit(_BATCH))]

    async def again(self, row_ids: Collection[int]) -> Sequence[Read]:
        """These rows as they are now."""
        query = (await self._query(MessageFilter())).where(_ROWS.id.in_(row_ids))
        return [read(row) for row in await self._rows(query.order_by(_ROWS.id))]

    async def count(self, wanted: MessageFilter) -> int:
        """How many there are."""
        chosen = (await self._query(wanted)).with_only_columns(_ROWS.id)
        return await self._number(select(func.count()).select_from(chosen.subquery()))

    async def all(self, wanted: MessageFilter) -> AsyncIterator[Read]:
        """Each once, oldest first, read in batches; messages that arrive meanwhile are left out."""
        last = await self.newest_id()
        query, after = await self._query(wanted), 0
        while True:
            batch = query.where(_ROWS.id > after, _ROWS.id <= last).order_by(_ROWS.id)
            rows = await self._rows(batch.limit(_BATCH))
            if not rows:
                return
            for row in rows:
                yield read(row)
            after = rows[-1].id

    async def _query(self, wanted: MessageFilter) -> Select[Any]:
        return await self._database.read(lambda connection: query(connection, wanted))

    async def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        result: Result[Any] = await self._database.read(lambda one: one.execute(query))
        return result.all()

    async def _number(self, query: Select[Any]) -> int:
        found: int | None = await self._database.read(lambda one: one.scalar(query))
        return found or 0


def query(connection: Connection, wanted: MessageFilter, *, by_ids: bool = False) -> Select[Any]:
    """The messages that are wanted; `read` reads its rows. Raises ConfigError for no chat.

    With `by_ids` the caller says which ids it is about, so that nobody's other messages are read.
    """
    return _QUERY.where(*_conditions(connection, wanted, unindexed if by_ids else _itself))


def _itself(number: ColumnElement[int]) -> ColumnElement[int]:
    return number


def _conditions(
    connection: Connection,
    wanted: MessageFilter,
    of: Callable[[ColumnElement[int]], ColumnElement[int]],
) -> Iterator[ColumnElement[bool]]:
    if wanted.chat_id is not None:
        yield of(_ROWS.chat_id) == wanted.chat_id
    if wanted.chat is not None:
        yield of(_ROWS.chat_id).in_(_chats(connection, wanted.chat))
    if wanted.min_urgency is not None:
        yield _RESULTS.urgency_score >= wanted.min_urgency
    if wanted.agent is not None:
        yield _AGENT.is_not_distinct_from(wanted.agent)
    if wanted.since is not None:
        yield _ROWS.chat_time >= wanted.since
    if wanted.own_people is not None:
        yield _ROWS.origin != str(Origin.HISTORY)
        yield _ROWS.chat_id.not_in(own_chats(wanted.own_people))
    if wanted.until is not None:
        yield _ROWS.chat_time < wanted.until
    if wanted.with_customers:
        yield func.coalesce(_ROWS.skip_reason, "").not_in(sorted(map(str, AMONG_US)))
    if wanted.category is not None:
        yield _RESULTS.category == wanted.category
    if wanted.person is not None:
        yield _ROWS.from_me.is_(False)
        yield of(_ROWS.sender_id).in_(_people(connection, wanted.person))


def _chats(connection: Connection, text: str) -> Sequence[int]:
    if people := _at(connection, text):
        of_them = select(chats.c.id).where(chats.c.contact_id.in_(people))
        if found := connection.scalars(of_them).all():
            return found
    chosen = select(chats.c.id, chats.c.name, chats.c.jid, contacts.c.number, contacts.c.lid)
    rows = connection.execute(chosen.outerjoin(contacts, contacts.c.id == chats.c.contact_id))
    return _known_as(text, rows.all(), "no chat is {!r}, and none has that in its name")


def _people(connection: Connection, text: str) -> Sequence[int]:
    if found := _at(connection, text):
        return found
    nowhere = null().label("jid")
    chosen = select(contacts.c.id, contacts.c.name, nowhere, contacts.c.number, contacts.c.lid)
    rows = connection.execute(chosen)
    return _known_as(text, rows.all(), "nobody is {!r}, and nobody has that in their name")


def _at(connection: Connection, text: str) -> Sequence[int]:
    """The contact with this address: by an index, where names are compared one by one."""
    addresses = _addresses(text)
    lids = {one.removesuffix("@lid") for one in addresses if one.endswith("@lid")}
    is_theirs = or_(contacts.c.number.in_(addresses), contacts.c.lid.in_(lids))
    return connection.scalars(select(contacts.c.id).where(is_theirs)).all() if addresses else ()


def _known_as(text: str, rows: Iterable[Any], otherwise: str) -> Sequence[int]:
    """Those with this address, or this in their name. Raises ConfigError, `otherwise`."""
    addresses, name = _addresses(text), fold(visible(text))
    found = [
        row.id
        for row in rows
        if addresses & {row.jid, row.number, row.lid and f"{row.lid}@lid"}
        or (name and name in fold(visible(row.name)))
    ]
    if not found:
        raise UsageError(otherwise.format(text))
    return found


def _addresses(text: str) -> set[str]:
    """The JIDs or numbers that `text` may mean."""
    try:
        if "@" in text:
            jid = Jid.parse(text)
            return {jid.number or str(jid)}
        return {normalise_number(text)}
    except ValueError:
        return set()


_AGENT = (
    select(agent_calls.c.agent_type)
    .where(agent_calls.c.webhook_message_id == _ROWS.id)
    .order_by(agent_calls.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_QUERY: Select[Any] = (
    select(
        *(column for column in _ROWS if column.name != "raw_data"),
        *(column for column in _RESULTS if column.name not in {"id", "webhook_message_id"}),
        media.c.words,
        _AGENT.label("agent"),
    )
    .outerjoin(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
    .outerjoin(media, media.c.webhook_message_id == _ROWS.id)
)


def read(row: Row[Any]) -> Read:
    return Read(
        row_id=row.id,
        message_id=row.message_id,
        sent_at=row.chat_time,
        chat=row.chat_name or _address(row.chat_jid),
        sender=row.sender_name or row.phone_number or _address(row.sender_jid),
        phone_number=row.phone_number,
        from_me=row.from_me,
        kind=row.kind,
        text=row.edited_text or _announced(row),
        revoked=row.revoked_at is not None,
        vip=row.is_vip_customer,
        state=row.state,
        skip_reason=row.skip_reason,
        error=row.last_error,
        urgency=row.urgency_score,
        category=row.category,
        sentiment=row.sentiment,
        priority=row.priority_level,
        answer_within=row.recommended_response_time,
        analyser=row.analyser,
        agent=row.agent,
        chat_id=row.chat_id,
    )


def _address(jid: str) -> str:
    """A number where the address is one."""
    return Jid.parse(jid).number or jid


def _announced(row: Row[Any]) -> str:
    medium = None
    if row.media_mimetype is not None:
        name, size = row.media_file_name, row.media_size or 0
        medium = Media(row.media_mimetype, size, name, words=row.words or "")
    return Message(
        account=row.account,
        message_id=row.message_id,
        chat=Jid.parse(row.chat_jid),
        sender=Jid.parse(row.sender_jid),
        sent_at=row.chat_time,
        kind=Kind(row.kind),
        text=row.current_message,
        origin=Origin(row.origin),
        media=medium,
    ).announced
