"""What escalating needs of WhatsApp, and the values that it goes by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.escalation import Level, Target, Why
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.owner_texts import WaitingCustomer


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """One whose next level is due. `account` is the number that the customer wrote to."""

    row_id: int
    message_row_id: int
    account: str
    level: Level
    case: WaitingCustomer


@dataclass(frozen=True, slots=True)
class NoticeUnderWay:
    """A notice that is with the outbox. `since` is when it was put there."""

    row_id: int
    escalation_id: int
    why: Why
    target: Target
    outbox_state: OutboxState
    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class OutsideNotice:
    """A notice that is to be told outside WhatsApp; `since` is when it was first due."""

    row_id: int
    target: Target
    attempts: int
    since: datetime
    case: WaitingCustomer


class WhatsAppCondition(Protocol):
    """Whether notices can go out over WhatsApp."""

    @property
    def account(self) -> str | None:
        """The linked number; None where nothing is linked."""
        ...

    @property
    def unusable(self) -> str | None:
        """Why nothing can be sent until somebody does something; None where that is not so.

        A connection that is lost is restored by itself and is no reason.
        """
        ...
