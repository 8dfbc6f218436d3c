"""Which messages have the words, newest or best first, at a cost that does not grow with the store.

The index finds a rare word at once. Of a common one it must collect every message before it can say
which are the newest: twenty seconds for a million, on a server. A common one is looked for in the
words themselves, from the newest back, where it is soon found. How common each is, is estimated
from messages all over the store, so that neither last year's greeting nor today's talk deceives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    case,
    func,
    literal,
    or_,
    select,
)

from izer_bridge.store import full_text
from izer_bridge.store.tables import search_words

# So many of the best are put in order; a person looks at fewer.
MOST_RANKED = 300
# What the index collects within a moment. Words of more messages are common.
_MOST_OF_INDEX = 3_000
# Not a round number: what comes back every thousand messages would be at each place.
_PLACES, _AT_EACH = 21, 100
# So many rows one statement looks through, and so many statements one page takes.
_A_LOOK, _MOST_LOOKS = 4_000, 50
_BATCH = 500
_WORDS = search_words.c


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids, the newest first. More may lie before `reached`, unless that is None."""

    ids: Sequence[int]
    reached: int | None


def newest(
    connection: Connection, beginnings: Sequence[str], before: int | None = None
) -> Iterator[Hits]:
    """Those before a message, until all are found or enough was looked through for one page."""
    first, last = _ends(connection)
    rare = _rare(connection, beginnings, first, last)
    before = last + 1 if before is None else before
    if not rare:
        return _looked_for(connection, beginnings, first, before)
    return _indexed(connection, beginnings, rare, before)


def best(connection: Connection, beginnings: Sequence[str]) -> Sequence[int]:
    """Those first that say little else. If the words are common, of the newest that have them."""
    first, last = _ends(connection)
    rare = _rare(connection, beginnings, first, last)
    if rare:
        query = _in_index(connection, beginnings, rare)
    else:
        ids: list[int] = []
        for hits in _looked_for(connection, beginnings, first, last + 1):
            ids += hits.ids
            if len(ids) >= MOST_RANKED:
                break
        query = select(_WORDS.id).where(_WORDS.id.in_(ids))
    order = func.length(_WORDS.words), _WORDS.id.desc()
    return connection.scalars(query.order_by(*order).limit(MOST_RANKED)).all()


def _looked_for(
    connection: Connection, beginnings: Sequence[str], first: int, before: int
) -> Iterator[Hits]:
    """In the words themselves."""
    query = select(_WORDS.id).where(*map(_has, beginnings)).order_by(_WORDS.id.desc())
    for _ in range(_MOST_LOOKS):
        after = before - _A_LOOK
        some = query.where(_WORDS.id < before, _WORDS.id >= after)
        ids = connection.scalars(some.limit(_BATCH)).all()
        before = ids[-1] if len(ids) == _BATCH else after
        if before <= first:
            yield Hits(ids, None)
            return
        yield Hits(ids, before)


def _indexed(
    connection: Connection, beginnings: Sequence[str], rare: Sequence[str], before: int
) -> Iterator[Hits]:
    """At most as many as a page looks through; far fewer, as they are rare."""
    query = _in_index(connection, beginnings, rare).where(_WORDS.id < before)
    ids = connection.scalars(query.order_by(_WORDS.id.desc()).limit(_BATCH * _MOST_LOOKS)).all()
    for start in range(0, len(ids), _BATCH):
        yield Hits(ids[start : start + _BATCH], ids[min(start + _BATCH, len(ids)) - 1])
    if len(ids) < _BATCH * _MOST_LOOKS:
        yield Hits((), None)


def _in_index(
    connection: Connection, beginnings: Sequence[str], rare: Sequence[str]
) -> Select[int]:
    """Only the rare ones are asked of the index, which would collect the messages of each."""
    found = full_text.matching(connection, rare)
    return found.where(*(_has(one) for one in beginnings if one not in rare))


def _rare(
    connection: Connection, beginnings: Sequence[str], first: int, last: int
) -> Sequence[str]:
    """The beginnings that the index may be asked about."""
    number, *having = connection.execute(_sample(beginnings, first, last)).one()
    most = _MOST_OF_INDEX * number / (last - first + 1)
    return [one for one, has in zip(beginnings, having, strict=True) if (has or 0) <= most]


def _sample(beginnings: Sequence[str], first: int, last: int) -> Executable:
    """How many messages were read at some places, and how many of them have each beginning."""
    step = (last - first + 1) // _PLACES
    starts = (first + place * step for place in range(_PLACES))
    having = (func.sum(case((_has(one), 1), else_=0)) for one in beginnings)
    is_there = (_WORDS.id.between(start, start + _AT_EACH - 1) for start in starts)
    return select(func.count(), *having).select_from(search_words).where(or_(*is_there))


def _ends(connection: Connection) -> tuple[int, int]:
    """The ids of the first and the last message that was read; 0 if there is none.

    SQLite would scan the table for both in one statement.
    """
    ends = (connection.scalar(select(of(_WORDS.id))) or 0 for of in (func.min, func.max))
    first, last = ends
    return first, last


def _has(beginning: str) -> ColumnElement[bool]:
    return (literal(" ") + _WORDS.words).contains(f" {beginning}")
