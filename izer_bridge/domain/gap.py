"""A message that WhatsApp had for us and that is not in the store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message


class GapReason(StrEnum):
    """How the gap was noticed."""

    UNDECRYPTABLE = "undecryptable"
    UNAVAILABLE = "unavailable"
    AT_RISK = "at_risk"
    ALREADY_DECRYPTED = "already_decrypted"
    FEWER_THAN_ANNOUNCED = "fewer_than_announced"


@dataclass(frozen=True, slots=True)
class Gap:
    """One message by its id or, if WhatsApp only gave a count, a name for several.

    `noticed_at` is aware UTC. It is closed when a message with this id is recorded.
    """

    account: str
    message_id: str
    reason: GapReason
    noticed_at: datetime
    chat: Jid | None = None
    sender: Jid | None = None
    detail: str = ""


def is_worth_a_gap(gap: Gap) -> bool:
    """Nobody misses a status, a newsletter, or what the shop's phone tells its own devices."""
    own = gap.sender is not None and gap.sender.number == gap.account
    is_public = gap.chat is not None and (gap.chat.is_status or gap.chat.is_newsletter)
    return not (own or is_public)


def closes_gaps(message: Message) -> bool:
    """A group's first event contains only keys; the message follows under the same id.

    And a row that stands for what only the phone can show is not the message.
    """
    is_only_keys = message.chat.is_group and message.kind is Kind.PROTOCOL
    return not (is_only_keys or message.kind is Kind.PHONE_ONLY)
