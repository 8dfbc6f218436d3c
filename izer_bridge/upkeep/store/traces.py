"""Traces of a person in others' rows: their number, LID and whole name, in any text column.

A single-word name is left: somebody else with that name may be meant. A notice to the shop's own
people is removed; of everything else only the words. A message's content is in the chain: its old
entry loses the content, like a removed one's, and the message is recorded again as it is now.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    String,
    Table,
    Text,
    cast,
    or_,
    select,
    update,
)

from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.pipeline.store import hash_chain, remove_messages
from izer_bridge.store import full_text
from izer_bridge.store.columns import Bytes, LongText
from izer_bridge.store.tables import (
    media,
    message_chain,
    metadata,
    outbox,
    search_words,
    webhook_messages,
)

GONE = "[…]"
_BETWEEN = r"[\s().\-/\u00a0\u2011]{0,3}"
_ADDRESSES = ("_jid", "_id", "account", "number", "state", "whatsapp_id", "purpose")
_BATCH = 200
_CHAIN = message_chain.c


@dataclass(frozen=True, slots=True)
class Traces:
    """The forms in which a person may appear in a text."""

    numbers: tuple[str, ...]
    # As people of the same country write it.
    national: str
    names: tuple[str, ...]

    def pattern(self) -> re.Pattern[str] | None:
        digits = [_BETWEEN.join(one) for one in (*self.numbers, self.national) if one]
        parts = [rf"(?<!\d)\+?(?:0{{0,2}}){one}(?!\d)" for one in digits]
        parts += [rf"(?<!\w){re.escape(name)}(?!\w)" for name in self.names]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def likes(self) -> Iterator[str]:
        """For SQL, which finds somewhat too much; JSON may escape non-ASCII characters."""
        for one in filter(None, (*self.numbers, self.national)):
            yield f"%{'%'.join(one)}%"
        for name in self.names:
            yield f"%{_escaped(name)}%"
            yield f"%{_escaped(json.dumps(name)[1:-1])}%"

    def is_in(self, payload: bytes) -> bool:
        """For the client's data, whose addresses are plain digits."""
        words = [*self.numbers, *self.names]
        return any(word.encode() in payload for word in words)


def find(
    connection: Connection, traces: Traces, without: Mapping[Table, Collection[Any]]
) -> dict[Table, list[Any]]:
    """The ids of rows that contain a trace, by table; without those that are removed anyway."""
    found: dict[Table, list[Any]] = {}
    pattern, likes = traces.pattern(), list(traces.likes())
    if pattern is None:
        return found
    for table in metadata.sorted_tables:
        columns = _texts(table)
        if not columns:
            continue
        asked = or_(
            *(_as_text(column).like(like, escape="!") for column in columns for like in likes)
        )
        rows = connection.execute(select(table.c.id, *columns).where(asked))
        gone = without.get(table, ())
        ids = [row.id for row in rows if row.id not in gone and _holds(row[1:], pattern)]
        if ids:
            found[table] = ids
    return found


def clear(
    connection: Connection, traces: Traces, table: Table, ids: Sequence[Any], now: datetime
) -> None:
    """Remove the traces from these rows; `now` is the time given to `remove_messages.begin`."""
    pattern = traces.pattern()
    if pattern is None:
        return
    if table is outbox:
        ids = _without_notices(connection, ids)
    columns = _texts(table)
    for row in connection.execute(select(table.c.id, *columns).where(table.c.id.in_(ids))).all():
        changed = {
            column.name: cleared
            for column, value in zip(columns, row[1:], strict=True)
            if (cleared := _without(value, pattern)) != value
        }
        if changed:
            connection.execute(update(table).where(table.c.id == row.id).values(changed))
            _find_otherwise(connection, table, row.id)
            if table is webhook_messages and changed.keys() & set(hash_chain.CONTENT):
                _write_down_again(connection, row.id, now)


def _find_otherwise(connection: Connection, table: Table, row_id: Any) -> None:
    """The message is found by what is left of its words."""
    if table is webhook_messages:
        full_text.mark_stale(connection, [row_id])
    elif table is media:
        its = select(media.c.webhook_message_id).where(media.c.id == row_id)
        full_text.mark_stale(connection, connection.scalars(its).all())


def batches(found: Mapping[Table, Sequence[Any]]) -> Iterator[tuple[Table, Sequence[Any]]]:
    for table, ids in found.items():
        for start in range(0, len(ids), _BATCH):
            yield table, ids[start : start + _BATCH]


def _without_notices(connection: Connection, ids: Sequence[Any]) -> list[Any]:
    query = select(outbox.c.id).where(outbox.c.id.in_(ids), outbox.c.kind == str(OutboxKind.NOTICE))
    notices = set(connection.scalars(query))
    remove_messages.remove_sent(connection, sorted(notices))
    return [one for one in ids if one not in notices]


def _write_down_again(connection: Connection, row_id: int, now: datetime) -> None:
    query = select(*hash_chain.CONTENT_COLUMNS).where(webhook_messages.c.id == row_id)
    row = connection.execute(query).one()._asdict()
    connection.execute(
        update(message_chain)
        .where(
            _CHAIN.account == row["account"],
            _CHAIN.message_id == row["message_id"],
            _CHAIN.chat_jid == row["chat_jid"],
        )
        .values(content_hash="", removed_at=now)
    )
    hash_chain.extend(connection, row["account"], [row])


def _texts(table: Table) -> list[ColumnElement[Any]]:
    """Columns that may contain people's words: no addresses, and no bytes."""
    if table in (message_chain, search_words):
        return []
    return [
        column
        for column in table.columns
        if isinstance(column.type, (LongText, JSON, String))
        and not isinstance(column.type, Bytes)
        and not column.primary_key
        and not column.name.endswith(_ADDRESSES)
    ]


def _as_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    return cast(column, Text) if isinstance(column.type, JSON) else column


def _holds(values: Sequence[Any] | Row[Any], pattern: re.Pattern[str]) -> bool:
    return any(_without(value, pattern) != value for value in values)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    """The same value without the pattern's matches, at any depth; the person's quotations go."""
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if not _is_quotation(key, one, pattern)}
        return {pattern.sub(GONE, key): _without(one, pattern) for key, one in kept.items()}
    return value


def _is_quotation(key: str, value: Any, pattern: re.Pattern[str]) -> bool:
    is_quoted = key == "quoted" and isinstance(value, dict)
    return is_quoted and pattern.search(str(value.get("sender") or "")) is not None


def _escaped(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)
