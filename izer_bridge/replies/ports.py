"""What replying needs from the outside, as Protocols with the values that they carry."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outgoing import HandedOver, Outgoing


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the shop's own people on WhatsApp.

    `purpose` makes it unique: a second one with the same purpose is not written. `about_id` is the
    outbox row that it is about (a draft), `message_row_id` the message (an escalation). One that
    reports a `danger` does not wait for the morning.
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
        """As far as that works; never raises if the link is away."""
        ...

    async def send(self, outgoing: Outgoing) -> HandedOver:
        """Raises NotHandedOverError, RefusedBySenderError, MayBeHandedOverError."""
        ...

    def id_of(self, secret: bytes) -> str | None:
        """The id that WhatsApp's client gave to a message with this secret, if it got that far."""
        ...


class Uploader(Protocol):
    """Gives WhatsApp files for messages to come, only while it is connected."""

    @property
    def account(self) -> str | None:
        """As `Sender.account`."""
        ...

    @property
    def is_ready(self) -> bool: ...

    async def upload(self, data: bytes, kind: Kind) -> bytes:
        """The file's `OutgoingFile.location`. Nobody sees it yet.

        Raises NotHandedOverError, RefusedBySenderError.
        """
        ...
