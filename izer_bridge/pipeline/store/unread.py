"""Keeps the raw bytes of messages that no reader knew, so that a later version can read them.

Reading again fills the row's kind and words. It does not work the message again: the people
concerned were called when it arrived, and nobody is sent an answer to an old message.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from izer_bridge.domain.message import Kind, Unread
from izer_bridge.pipeline.store import hash_chain
from izer_bridge.store.message_key import KEY_COLUMNS, Key
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import unread_messages, webhook_messages
from izer_bridge.store.text import clean
from izer_bridge.store.text import name as fitting_name

_ROWS, _UNREAD = webhook_messages.c, unread_messages.c
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class ResolvedMessage:
    """What a message that could not be read turns out to be."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """One row, under its kind's former name, and what it is now; None: still unknown."""

    row_id: int
    message_id: str
    was: str
    reading: ResolvedMessage | None


def keep(connection: Connection, unread: Mapping[Key, Unread], now: datetime) -> None:
    """Keep raw bytes, by the keys of messages whose rows are written; each once.

    Content larger than any message without a file is kept by name alone.
    """
    found = connection.execute(
        select(_ROWS.id, *KEY_COLUMNS)
        .outerjoin(unread_messages, _UNREAD.webhook_message_id == _ROWS.id)
        .where(_ROWS.message_id.in_({one.message_id for one in unread}))
        .where(_UNREAD.id.is_(None))
    )
    rows = [
        _row(one.id, unread[Key.of(one._asdict())], now)
        for one in found
        if Key.of(one._asdict()) in unread
    ]
    if rows:
        connection.execute(insert(unread_messages), rows)


def _row(row_id: int, one: Unread, now: datetime) -> dict[str, Any]:
    return {
        "webhook_message_id": row_id,
        "kind": fitting_name(one.fields),
        "payload": one.payload if len(one.payload) <= _LARGEST else b"",
        "created_at": now,
    }


class UnreadMessages(OpenedStore):
    """The unread messages of the store at `url`; a context manager.

    Raises TransientError, ConfigError.
    """

    async def read_again(
        self, read: Callable[[bytes], ResolvedMessage | None]
    ) -> Sequence[ReadAgain]:
        """Try `read` on each, oldest first, and store the results."""
        query = select(_UNREAD.webhook_message_id).order_by(_UNREAD.webhook_message_id)
        found = await self._database.read(lambda connection: connection.scalars(query).all())
        return [await self._one(row_id, read) for row_id in found]

    async def _one(self, row_id: int, read: Callable[[bytes], ResolvedMessage | None]) -> ReadAgain:
        def change(connection: Connection) -> ReadAgain:
            row = connection.execute(
                select(_ROWS.message_id, _UNREAD.kind, _UNREAD.payload)
                .join(unread_messages, _UNREAD.webhook_message_id == _ROWS.id)
                .where(_ROWS.id == row_id)
            ).one()
            reading = read(row.payload)
            if reading is not None:
                _fill(connection, row_id, reading)
            return ReadAgain(row_id, row.message_id, row.kind, reading)

        return await self._database.write(change)


def _fill(connection: Connection, row_id: int, reading: ResolvedMessage) -> None:
    """The chain gets a second entry, which counts from now on, as for any row filled later."""
    connection.execute(
        update(webhook_messages)
        .where(_ROWS.id == row_id)
        .values(
            kind=str(reading.kind),
            current_message=clean(reading.text),
            updated_at=datetime.now(UTC),
        )
    )
    connection.execute(delete(unread_messages).where(_UNREAD.webhook_message_id == row_id))
    columns = hash_chain.CONTENT_COLUMNS
    row = connection.execute(select(*columns).where(_ROWS.id == row_id)).one()
    hash_chain.extend(connection, row.account, [row._asdict()])
