"""What is handed to WhatsApp, and the possible results; pure values."""

from dataclasses import dataclass, field
from datetime import datetime

from izer_bridge.domain.context_info import Timer
from izer_bridge.domain.errors import BridgeError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState, ReceiptKind


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that is answered: its id, its writer, and its words."""

    message_id: str
    sender: Jid
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a phone shows of a picture before it has it: its pixels, and a small JPEG."""

    width: int
    height: int
    thumbnail: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A picture, or a document without `preview`, that goes with a message.

    `path` is under the bridge's state directory, `size` in bytes. `location` says where WhatsApp
    has it, to the sender alone; empty before it was uploaded.
    """

    path: str
    mimetype: str
    name: str
    size: int
    preview: Preview | None = None
    location: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> Kind:
        return Kind.DOCUMENT if self.preview is None else Kind.IMAGE


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An outbox row that is, or may be, handed to WhatsApp.

    `chat` is the JID exactly as in the answered message's chat. `secret` is the 32 bytes sent
    along, which reveal after a crash whether it was sent; empty before the row is claimed, as is
    the chat's `timer`, without which a phone warns that the message will not disappear.
    """

    row_id: int
    kind: OutboxKind
    state: OutboxState
    account: str
    chat: Jid
    text: str = field(repr=False)
    quoted: Quoted | None = None
    secret: bytes = field(default=b"", repr=False)
    timer: Timer | None = None
    # The message that it answers or tells of.
    message_row_id: int | None = None
    # With it the text is a caption.
    file: OutgoingFile | None = None


@dataclass(frozen=True, slots=True)
class ReachedReply:
    """A row of the outbox that has been received; `message_row_id` as in `Outgoing`."""

    row_id: int
    message_row_id: int | None
    how_far: ReceiptKind


@dataclass(frozen=True, slots=True)
class HandedOver:
    """WhatsApp's server has accepted it. `server_at` is aware UTC, by the server's clock."""

    whatsapp_id: str
    server_at: datetime


class NotHandedOverError(BridgeError):
    """Nothing has left this process; it may be retried."""


class MayBeHandedOverError(BridgeError):
    """Nobody knows whether WhatsApp has it."""


class RefusedBySenderError(BridgeError):
    """It will never be sent: WhatsApp's server refused it, or it cannot be addressed.

    `code` is the server's error, 0 without one.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far messages of ours have come; `at` is aware UTC."""

    account: str
    chat: Jid
    message_ids: tuple[str, ...]
    kind: ReceiptKind
    at: datetime
