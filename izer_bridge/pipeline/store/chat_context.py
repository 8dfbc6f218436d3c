"""What was said in a chat before a message: as stored with it, or as the chat is now.

History that came with the message from outside is kept in `posted_history`. What an analysis saw of
the store's own rows is kept as a list in `analytics_results.context`: the row, or `[row, words]` if
its words differed from those that it was recorded with, as for a medium, after an edit, or for a
reaction; 0 stands for a row that `forget` has removed. `store/views.py` builds the replaced
system's `message_history` from both.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
)

from izer_bridge.analysis.store.seen import rows_and_words
from izer_bridge.domain.message import NOT_SAID, PROVISIONAL, HistoryEntry, Kind, Origin
from izer_bridge.domain.plain_text import is_blank
from izer_bridge.domain.quoted_text import excerpt
from izer_bridge.domain.work import Work
from izer_bridge.pipeline.store.message_rows import WORDS, message_of, spoken_of
from izer_bridge.pipeline.store.waiting import with_verdicts
from izer_bridge.store.tables import analytics_results, posted_history, webhook_messages
from izer_bridge.store.text import clean
from izer_bridge.store.text import name as fitting_name

_ROWS = webhook_messages.c

# How much of a message is shown beside a reaction to it.
_LONGEST_TARGET = 80


def _answers_by_reaction(at: ColumnElement[Any]) -> ColumnElement[bool]:
    """A reaction to the other side's message that still stands: the person's last, unless empty."""
    target, later = webhook_messages.alias("target"), webhook_messages.alias("later_reaction")
    is_answer = exists().where(
        target.c.message_id == _ROWS.target_id,
        target.c.chat_id == _ROWS.chat_id,
        target.c.from_me != _ROWS.from_me,
        target.c.revoked_at.is_(None),
    )
    is_replaced = exists().where(
        later.c.chat_id == _ROWS.chat_id,
        later.c.target_id == _ROWS.target_id,
        later.c.kind == str(Kind.REACTION),
        later.c.sender_id.is_not_distinct_from(_ROWS.sender_id),
        later.c.chat_time <= at,
        or_(
            later.c.chat_time > _ROWS.chat_time,
            and_(later.c.chat_time == _ROWS.chat_time, later.c.id > _ROWS.id),
        ),
    )
    said = _ROWS.current_message != ""
    return and_(_ROWS.kind == str(Kind.REACTION), said, is_answer, ~is_replaced)


def _context_before() -> Select[Any]:
    """What was said in a chat before a message: built once, since its conditions are many."""
    chat, row = bindparam("chat_id", type_=_ROWS.chat_id.type), bindparam("row_id", type_=Integer)
    at = bindparam("chat_time", type_=_ROWS.chat_time.type)
    return (
        WORDS.where(
            _ROWS.chat_id == chat,
            or_(_ROWS.chat_time < at, and_(_ROWS.chat_time == at, _ROWS.id < row)),
            or_(_ROWS.kind.not_in(NOT_SAID), _answers_by_reaction(at)),
            _ROWS.revoked_at.is_(None),
        )
        .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


_OF_THESE: BindParameter[int] = bindparam("row_ids", expanding=True)
_POSTED = (
    select(posted_history)
    .where(posted_history.c.webhook_message_id.in_(_OF_THESE))
    .order_by(posted_history.c.id)
)
_SEEN = select(analytics_results.c.webhook_message_id, analytics_results.c.context).where(
    analytics_results.c.webhook_message_id.in_(_OF_THESE), analytics_results.c.context.is_not(None)
)
_SEEN_ROWS = WORDS.where(_ROWS.id.in_(_OF_THESE))

_PLACE = select(_ROWS.chat_id, _ROWS.chat_time).where(_ROWS.id == bindparam("row_id"))

_BEFORE = _context_before()


def context(connection: Connection, row_id: int, limit: int) -> Sequence[HistoryEntry]:
    """The chat's last `limit` messages before this one, oldest first.

    A context stored with the message, by an earlier attempt or by the webhook, is used as it is.
    """
    kept = _kept(connection, row_id)
    if kept is None:
        place = connection.execute(_PLACE, {"row_id": row_id}).one()
        before = _before(connection, place.chat_id, (place.chat_time, row_id), limit)
        kept = [entry for _, entry in before]
    return with_verdicts(connection, kept[-limit:] if limit else [])


def seen_by(connection: Connection, row_id: int) -> Sequence[HistoryEntry]:
    """What the analysis of this row saw, oldest first, as far as it is known and still exists."""
    return _kept(connection, row_id) or ()


def histories(
    connection: Connection, works: Sequence[Work], limit: int
) -> Mapping[int, tuple[HistoryEntry, ...]]:
    """The `context` of each; the preceding messages are read once per chat."""
    kept = _posted(connection, [one.row_id for one in works if one.may_have_context])
    judged = [one.row_id for one in works if one.analysis is not None and one.row_id not in kept]
    kept |= _seen(connection, judged)
    found = {
        row_id: tuple(with_verdicts(connection, entries[-limit:]))
        for row_id, entries in kept.items()
    }
    of_chats: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for one in works:
        if one.row_id not in found:
            of_chats[one.chat_id].append((one.message.sent_at, one.row_id))
    for chat_id, places in of_chats.items():
        last = max(places)
        said = _before(connection, chat_id, last, limit + len(places) - 1)
        marked = with_verdicts(connection, [entry for _, entry in said])
        for place in places:
            entries = [entry for (at, _), entry in zip(said, marked, strict=True) if at < place]
            found[place[1]] = tuple(entries[-limit:])
    return found


def keep_posted(
    connection: Connection, row_id: int, history: Sequence[HistoryEntry], now: datetime
) -> None:
    """Store the history posted with a new message."""
    rows = [
        {
            "webhook_message_id": row_id,
            "sender": fitting_name(entry.sender),
            "content": clean(entry.content),
            "timestamp": entry.sent_at,
            "message_type": entry.kind,
            "from_me": entry.from_me,
            "is_automatic": entry.is_automatic,
            "created_at": now,
        }
        for entry in history
    ]
    if rows:
        connection.execute(insert(posted_history), rows)


def _kept(connection: Connection, row_id: int) -> Sequence[HistoryEntry] | None:
    """None if the chat's present messages are the context."""
    for find in (_posted, _seen):
        if (kept := find(connection, [row_id]).get(row_id)) is not None:
            return kept
    return None


def _posted(connection: Connection, row_ids: Sequence[int]) -> dict[int, list[HistoryEntry]]:
    posted: dict[int, list[HistoryEntry]] = defaultdict(list)
    for row in connection.execute(_POSTED, {"row_ids": row_ids}) if row_ids else ():
        entry = HistoryEntry(
            row.sender,
            row.content,
            row.timestamp,
            row.message_type,
            row.from_me,
            row.is_automatic,
        )
        posted[row.webhook_message_id].append(entry)
    return posted


def _seen(connection: Connection, row_ids: Sequence[int]) -> dict[int, list[HistoryEntry]]:
    """What analyses of these rows saw, as far as it still exists."""
    found = connection.execute(_SEEN, {"row_ids": row_ids}) if row_ids else ()
    seen = {row.webhook_message_id: rows_and_words(row.context) for row in found}
    ids = {row_id for entries in seen.values() for row_id, _ in entries}
    said = connection.execute(_SEEN_ROWS, {"row_ids": sorted(ids)}) if ids else ()
    rows = {row.id: row for row in said}
    kept: dict[int, list[HistoryEntry]] = {}
    for row_id, entries in seen.items():
        kept[row_id] = []
        for source, words in (one for one in entries if one[0] in rows):
            # A malformed one must not keep this one from being worked.
            with suppress(ValueError):
                kept[row_id].append(_as_seen(rows[source], words))
    return kept


def _as_seen(row: Row[Any], words: str | None) -> HistoryEntry:
    return _said(row, row.current_message if words is None else words, words is None)


def _before(
    connection: Connection, chat_id: int, place: tuple[datetime, int], limit: int
) -> list[tuple[tuple[datetime, int], HistoryEntry]]:
    """The last `limit` messages before this time and row, oldest first, with their row ids."""
    at, row_id = place
    values = {"chat_id": chat_id, "chat_time": at, "row_id": row_id, "most": limit}
    rows = connection.execute(_BEFORE, values).all()[::-1]
    targets = _targets(connection, chat_id, rows)
    said = []
    for row in rows:
        # A malformed one must not keep the others from being worked.
        with suppress(ValueError):
            entry = _entry(row, targets.get(row.id, ""))
            if not is_blank(entry.content):
                said.append(((row.chat_time, row.id), entry))
    return said


def _targets(connection: Connection, chat_id: int, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """The words that a reaction refers to, by its row, unless they come right before it."""
    wanted, last = {}, None
    for row in rows:
        if row.kind != Kind.REACTION:
            last = row.message_id
        elif row.target_id != last:
            wanted[row.id] = row.target_id
    if not wanted:
        return {}
    ids = set(wanted.values())
    found = connection.execute(WORDS.where(_ROWS.message_id.in_(ids), _ROWS.chat_id == chat_id))
    words = {}
    for row in found:
        with suppress(ValueError):
            words[row.message_id] = spoken_of(row)
    return {row_id: words.get(target_id, "") for row_id, target_id in wanted.items()}


def _entry(row: Row[Any], reacts_to: str = "") -> HistoryEntry:
    content = row.edited_text or message_of(row).announced
    if reacts_to:
        content = f"{content} ({excerpt(reacts_to, _LONGEST_TARGET)})"
    # A call that is taken after all gets other words in its row.
    may_change = row.kind in PROVISIONAL
    return _said(row, content, content == row.current_message and not may_change)


def _said(row: Row[Any], content: str, is_as_recorded: bool) -> HistoryEntry:
    message = message_of(row)
    return HistoryEntry(
        sender=message.writer(row.phone_number),
        content=content,
        sent_at=message.sent_at,
        kind=str(message.kind),
        from_me=message.from_me,
        is_automatic=row.is_automatic,
        row_id=row.id,
        is_as_recorded=is_as_recorded,
        is_by_bridge=message.origin is Origin.SENT,
    )
