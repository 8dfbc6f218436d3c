"""Which message a row is, and whether what is written already is better than what comes again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, and_

from izer_bridge.domain.message import PROVISIONAL, Kind, Message, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.store.tables import webhook_messages

_LONGEST_HOLD = timedelta(minutes=1)
_ROWS = webhook_messages.c
_US = 0


class Key(NamedTuple):
    """WhatsApp's own: the writer chooses the id, so two of one chat may choose the same.

    `writer` is a row of `contacts`; all devices and addresses of the shop are one writer.
    """

    message_id: str
    chat_id: int
    writer: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of a row of `webhook_messages` that holds the `KEY_COLUMNS`."""
        writer = _US if row["from_me"] else row["sender_id"]
        return cls(row["message_id"], row["chat_id"], writer)

    @property
    def is_ours(self) -> bool:
        return self.writer == _US

    @property
    def is_row(self) -> ColumnElement[bool]:
        """Picks its row out of `webhook_messages`."""
        writer: ColumnElement[bool] = _ROWS.from_me.is_(True)
        if not self.is_ours:
            of_them = _ROWS.sender_id.is_not_distinct_from(self.writer)
            writer = and_(_ROWS.from_me.is_(False), of_them)
        return and_(_ROWS.message_id == self.message_id, _ROWS.chat_id == self.chat_id, writer)


KEY_COLUMNS = (_ROWS.message_id, _ROWS.chat_id, _ROWS.from_me, _ROWS.sender_id)
KNOWN_COLUMNS = (_ROWS.id, _ROWS.kind, _ROWS.current_message, _ROWS.origin, _ROWS.state)


@dataclass(slots=True)
class Known:
    """A row of `webhook_messages`, as far as it matters here."""

    id: int
    kind: str
    text: str
    origin: str
    state: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """A row that holds the `KNOWN_COLUMNS`; one that is to be inserted yet has no id."""
        rest = row["kind"], row["current_message"], row["origin"], row["state"]
        return cls(row.get("id", 0), *rest)

    def is_replaced_by(self, message: Message) -> bool:
        if self.kind == Kind.PROTOCOL and self.text and message.kind is Kind.CALL:
            # What was taken was not missed, whoever says so later.
            return False
        if self.kind in PROVISIONAL and message.kind != self.kind:
            return bool(message.text or message.media)
        if self.state != State.SKIPPED:
            return False
        was_only_keys = self.kind == Kind.PROTOCOL and not self.text
        comes_live = self.origin == Origin.HISTORY and message.origin is not Origin.HISTORY
        return comes_live or (was_only_keys and message.kind is not Kind.PROTOCOL)

    def is_settled_by(self, message: Message) -> bool:
        """Whether a call has stopped ringing, and nobody took it."""
        is_over = message.kind is Kind.CALL and message.settles_at is None
        return is_over and self.kind == Kind.CALL


def held_until(message: Message, now: datetime) -> datetime | None:
    """Until it is settled what it is; a sender's clock may be ahead."""
    if message.settles_at is None or message.settles_at <= now:
        return None
    return min(message.settles_at, now + _LONGEST_HOLD)
