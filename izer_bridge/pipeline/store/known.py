"""Which message a row is, and whether what is written already is better than what comes again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from izer_bridge.domain.message import PROVISIONAL, Kind, Message, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.store.tables import webhook_messages

_ROWS = webhook_messages.c
_LONGEST_HOLD = timedelta(minutes=1)


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
