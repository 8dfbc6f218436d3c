"""WhatsApp's own key of a message, and the row of `webhook_messages` that has it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, and_

from izer_bridge.store.tables import webhook_messages

_ROWS = webhook_messages.c
_US = 0


class Key(NamedTuple):
    """WhatsApp's own key: the writer chooses the id, so two writers in a chat may choose the same.

    `writer` is a row of `contacts`; all devices and addresses of the shop are one writer.
    """

    message_id: str
    chat_id: int
    writer: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The key of a `webhook_messages` row that holds the `KEY_COLUMNS`."""
        writer = _US if row["from_me"] else row["sender_id"]
        return cls(row["message_id"], row["chat_id"], writer)

    @property
    def is_ours(self) -> bool:
        return self.writer == _US

    @property
    def is_row(self) -> ColumnElement[bool]:
        """The condition that selects the key's row in `webhook_messages`."""
        writer: ColumnElement[bool] = _ROWS.from_me.is_(True)
        if not self.is_ours:
            of_them = _ROWS.sender_id.is_not_distinct_from(self.writer)
            writer = and_(_ROWS.from_me.is_(False), of_them)
        return and_(_ROWS.message_id == self.message_id, _ROWS.chat_id == self.chat_id, writer)


KEY_COLUMNS = (_ROWS.message_id, _ROWS.chat_id, _ROWS.from_me, _ROWS.sender_id)
# What decides whether a message is better than its row: see `pipeline/recording_plan.py`.
KNOWN_COLUMNS = (_ROWS.id, _ROWS.kind, _ROWS.current_message, _ROWS.origin, _ROWS.state)
