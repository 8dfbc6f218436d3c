"""What answering needs of the outside, as Protocols with the values that they carry."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.outgoing import HandedOver, Outgoing


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
