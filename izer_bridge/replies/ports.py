"""What answering needs of the outside, as Protocols with the values that they carry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outgoing import HandedOver, Outgoing, RefusedBySenderError
from izer_bridge.domain.send_limit import Limit


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the shop's own people on WhatsApp.

    `purpose` makes it once: a second one with the same purpose is not written. `about_id` is the
    outbox row that it speaks of (a draft), `message_row_id` the message (an escalation). One that
    tells of a `danger` waits for no morning.
    """

    purpose: str
    account: str
    chat: Jid
    text: str = field(repr=False)
    about_id: int | None = None
    message_row_id: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    danger: str | None = None


class Sender(Protocol):
    """Hands messages to WhatsApp, one at a time, only while it is connected."""

    @property
    def account(self) -> str | None:
        """The linked number; None before the first linking."""
        ...

    @property
    def is_ready(self) -> bool: ...

    async def show_typing(self, chat: Jid, *, is_typing: bool) -> None:
        """As far as that works; never raises for a link that is away."""
        ...

    async def send(self, outgoing: Outgoing) -> HandedOver:
        """Raises NotHandedOverError, RefusedBySenderError, MayBeHandedOverError."""
        ...

    def id_of(self, secret: bytes) -> str | None:
        """The id that WhatsApp's client gave to a message with this secret, if it came so far."""
        ...


class Outbox(Protocol):
    """The store's outbox. Every write is a compare-and-set along `domain.outbox_state.ALLOWED`.

    All raise TransientError when the store is away.
    """

    async def abandoned(self) -> Sequence[Outgoing]:
        """What this owner was handing over when it ended; nobody else does it now."""
        ...

    async def next_due(self, account: str) -> Outgoing | None:
        """The oldest that may be sent now, as far as its row says; guards are looked at later."""
        ...

    async def lapse(self) -> int:
        """End what has waited too long, drafts too; how many rows."""
        ...

    async def claim(self, row_id: int, secret: bytes) -> Outgoing | None:
        """Make it `sending`, if all guards hold in the same transaction; else None.

        Then it has been cancelled, has lapsed or waits until a later time.
        """
        ...

    async def give_back(self, outgoing: Outgoing, until: datetime, why: str) -> None:
        """Nothing has left this process: `approved` again, not before `until`."""
        ...

    async def sent(self, outgoing: Outgoing, handed: HandedOver) -> None:
        """Also writes it into the chat as the shop's own message."""
        ...

    async def uncertain(self, outgoing: Outgoing, why: str, whatsapp_id: str | None) -> None: ...

    async def refused(
        self, outgoing: Outgoing, error: RefusedBySenderError, until: datetime
    ) -> Limit | None:
        """It failed for good; also forbids what that forbids until then, and says what that is."""
        ...

    async def open_breaker(self, account: str, until: datetime, why: str) -> None: ...
