"""Plans what becomes of a message as it is recorded, as values that the store applies; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

from izer_bridge.domain.message import PROVISIONAL, Kind, Message, Origin
from izer_bridge.domain.message_state import SkipReason, State

_LONGEST_HOLD = timedelta(minutes=1)


class Entry(StrEnum):
    """What a message does to the row of its key.

    `settles`: a call has stopped ringing and nobody took it. `repeats`: the existing row is as
    good, and stays.
    """

    NEW = "new"
    REPLACES = "replaces"
    SETTLES = "settles"
    REPEATS = "repeats"


@dataclass(frozen=True, slots=True)
class Known:
    """A row of `webhook_messages`, as far as it matters here. A row not inserted yet has no id."""

    id: int
    kind: str
    text: str
    origin: str
    state: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        rest = row["kind"], row["current_message"], row["origin"], row["state"]
        return cls(row.get("id", 0), *rest)


class Beginning(NamedTuple):
    """The state in which a message begins; until `held_until` its nature may still change."""

    state: State
    skip_reason: SkipReason | None
    held_until: datetime | None


def entry_of(message: Message, known: Known | None) -> Entry:
    """A message recorded before, in part or whole, is completed and never undone."""
    if known is None:
        return Entry.NEW
    if _is_replaced(known, message):
        return Entry.REPLACES
    is_over = message.kind is Kind.CALL and message.settles_at is None
    return Entry.SETTLES if is_over and known.kind == Kind.CALL else Entry.REPEATS


def _is_replaced(known: Known, message: Message) -> bool:
    if known.kind == Kind.PROTOCOL and known.text and message.kind is Kind.CALL:
        # A call that was taken was not missed, whatever a later sign says.
        return False
    if known.kind in PROVISIONAL and message.kind != known.kind:
        return bool(message.text or message.media)
    if known.state != State.SKIPPED:
        return False
    was_only_keys = known.kind == Kind.PROTOCOL and not known.text
    comes_live = known.origin == Origin.HISTORY and message.origin is not Origin.HISTORY
    return comes_live or (was_only_keys and message.kind is not Kind.PROTOCOL)


def beginning_of(message: Message, reason: SkipReason | None, now: datetime) -> Beginning:
    """`reason` says why it is not analysed; see `domain.skip`."""
    if reason is not None:
        return Beginning(State.SKIPPED, reason, None)
    if message.settles_at is None or message.settles_at <= now:
        return Beginning(State.RECORDED, None, None)
    # A sender's clock may be ahead.
    return Beginning(State.RECORDED, None, min(message.settles_at, now + _LONGEST_HOLD))
