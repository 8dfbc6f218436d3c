"""Finds messages by their words, newest or best first, a page at a time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from izer_bridge.pipeline.store.browsing import Browsing, MessageFilter, Read, query, read
from izer_bridge.search.store.hits import best, newest
from izer_bridge.search.words import beginnings_of
from izer_bridge.store.tables import search_words, webhook_messages

_ROWS = webhook_messages.c
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Search:
    """Messages that are `wanted` and have a word with each beginning in `terms`."""

    terms: str
    wanted: MessageFilter
    is_best_first: bool = False


@dataclass(frozen=True, slots=True)
class FoundPart:
    """`next` is where the following page begins; None if there is none.

    A page may be short, even empty, and yet have a next one: many have the words, and few fit.
    """

    messages: Sequence[Read]
    next: int | None


def find(connection: Connection, search: Search, limit: int, begin: int | None = None) -> FoundPart:
    """`begin` is another page's `next`.

    Raises ConfigError for what cannot be searched for and for an unknown chat or person,
    TransientError while there is no index.
    """
    beginnings = beginnings_of(search.terms)
    some = _ranked if search.is_best_first else _newest
    return some(connection, search, beginnings, limit, begin)


def _newest(
    connection: Connection, search: Search, beginnings: Sequence[str], limit: int, begin: int | None
) -> FoundPart:
    """`begin` is the row that the page before ended with."""
    wanted = query(connection, search.wanted, by_ids=True).order_by(_ROWS.id.desc())
    found: list[Read] = []
    for hits in newest(connection, beginnings, begin):
        some = wanted.where(_ROWS.id.in_(hits.ids)).limit(limit + 1 - len(found))
        found += map(read, connection.execute(some) if hits.ids else ())
        if len(found) > limit:
            return FoundPart(found[:limit], found[limit - 1].row_id)
        begin = hits.reached
    return FoundPart(found, begin)


def _ranked(
    connection: Connection, search: Search, beginnings: Sequence[str], limit: int, begin: int | None
) -> FoundPart:
    """`begin` is a place among the best."""
    ids = best(connection, beginnings)
    wanted = query(connection, search.wanted, by_ids=True)
    rows = connection.execute(wanted.where(_ROWS.id.in_(ids)))
    fitting = {row.id: row for row in rows}
    ranked = [fitting[row_id] for row_id in ids if row_id in fitting]
    end = (begin or 0) + limit
    return FoundPart(
        [read(row) for row in ranked[begin or 0 : end]], end if end < len(ranked) else None
    )


class Searching(Browsing):
    """In the store at `url`. Raises as `find` does."""

    async def page(self, search: Search, limit: int, begin: int | None = None) -> FoundPart:
        return await self._database.read(lambda one: find(one, search, limit, begin))

    async def first(self, search: Search, limit: int) -> Sequence[Read]:
        """The first of them: as many as `limit`, if there are."""
        found: list[Read] = []
        page = FoundPart((), None)
        while len(found) < limit:
            page = await self.page(search, limit - len(found), page.next)
            found += page.messages
            if page.next is None:
                break
        return found

    async def unread(self) -> int:
        """How many messages are not in the index yet: the bridge reads them once it runs."""
        newest = select(func.coalesce(func.max(search_words.c.id), 0)).scalar_subquery()
        return await self._number(select(func.count()).where(_ROWS.id > newest))

    async def every(self, search: Search) -> AsyncIterator[Read]:
        """Each that is found, page by page."""
        begin: int | None = None
        while True:
            page = await self.page(search, _BATCH, begin)
            for one in page.messages:
                yield one
            if (begin := page.next) is None:
                return
