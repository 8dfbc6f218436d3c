"""What escalating needs of the store and of WhatsApp, as Protocols with their values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.escalation import Level, NoticeState, Target, Why
from izer_bridge.domain.identity import Jid
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


class EscalationLedger(Protocol):
    """The store's escalations, each level of each at most once.

    All raise TransientError when the store is away. A write about an escalation that has ended,
    or has gone on meanwhile, changes nothing.
    """

    async def abandoned(self) -> int:
        """Make uncertain what this owner was telling when it ended; how many."""
        ...

    async def due(self, account: str | None) -> Sequence[OpenEscalation]:
        """End those that a person has answered; of the others, whose next level is due now."""
        ...

    async def tell_on_whatsapp(
        self, one: OpenEscalation, level: Level, chat: Jid, text: str
    ) -> None:
        """Go up to `level`, and put its notice into the outbox, in one transaction."""
        ...

    async def pass_over(self, one: OpenEscalation, level: Level, why: str) -> None:
        """Go up to `level` without telling anybody; the next one is due at once."""
        ...

    async def tell_outside(
        self, one: OpenEscalation, level: Level, targets: Sequence[Target]
    ) -> None: ...

    async def end_ladder(self, one: OpenEscalation) -> None:
        """There is no level left; it stays open until it is answered or closed."""
        ...

    async def limited(self, account: str | None) -> str | None:
        """Why WhatsApp takes nothing of this account now; None where it does."""
        ...

    async def under_way(self, account: str | None) -> Sequence[NoticeUnderWay]: ...

    async def settle(
        self, notice: NoticeUnderWay, state: NoticeState, why: str, next_at: datetime
    ) -> None:
        """Note what became of a notice on WhatsApp; the next level is due at `next_at`."""
        ...

    async def withdraw(self, notice: NoticeUnderWay, why: str, next_at: datetime) -> None:
        """Take it back out of the outbox, if it is not being sent already."""
        ...

    async def outside(self, account: str | None) -> Sequence[OutsideNotice]:
        """What is to be told outside WhatsApp now."""
        ...

    async def begin(self, notice: OutsideNotice) -> bool:
        """Make it `sending`, once; False when another has."""
        ...

    async def told(self, notice: OutsideNotice, state: NoticeState, error: str = "") -> None: ...

    async def postpone(self, notice: OutsideNotice, until: datetime, error: str) -> None: ...


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
