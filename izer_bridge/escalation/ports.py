"""What escalation needs from WhatsApp, and the values that it works with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.escalation import Level, Target, Why
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.owner_texts import WaitingCustomer


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """An escalation whose next level is due. `account` is the number that the customer wrote to."""

    row_id: int
    message_row_id: int
    account: str
    level: Level
    case: WaitingCustomer


@dataclass(frozen=True, slots=True)
class NoticeUnderWay:
    """A notice in the outbox. `since` is when it was put there."""

    row_id: int
    escalation_id: int
    why: Why
    target: Target
    outbox_state: OutboxState
    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class OutsideNotice:
    """A notice to be sent outside WhatsApp; `since` is when it was first due."""

    row_id: int
    target: Target
    attempts: int
    since: datetime
    case: WaitingCustomer


class WhatsAppCondition(Protocol):
    """Whether notices can be sent over WhatsApp."""

    @property
    def account(self) -> str | None:
        """The linked number; None if nothing is linked."""
        ...

    @property
    def unusable(self) -> str | None:
        """Why nothing can be sent until somebody acts; None otherwise.

        A lost connection recovers by itself and is no reason.
        """
        ...
