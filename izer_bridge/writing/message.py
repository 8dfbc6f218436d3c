"""A message that somebody writes for the bridge to send, before and after it is in the outbox."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.outgoing import OutgoingFile
from izer_bridge.writing.decide import Author
from izer_bridge.writing.files import SendableFile


class SendingStage(StrEnum):
    """How far a message has come; `queued` may still be taken back."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What is to be written into a chat. `by` names the writer, `key` the request.

    With a `file` the text is its caption, and may be empty. `linked` is the number that is linked
    now, if one is.
    """

    chat_id: int
    text: str = field(repr=False)
    author: Author
    by: str
    key: str
    file: SendableFile | None = None
    linked: str | None = None

    @property
    def sha256(self) -> str | None:
        return None if self.file is None else self.file.kept.sha256

    @property
    def purpose(self) -> str:
        return f"{self.author.kind}:{self.key}"


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """One of them, and how far it has come. `waits_for` says why it goes later than it could."""

    id: int
    chat_id: int
    author: Author
    by: str
    text: str = field(repr=False)
    state: OutboxState
    created_at: datetime
    goes_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    waits_for: str
    error: str | None
    file: OutgoingFile | None

    @property
    def stage(self) -> SendingStage:
        match self.state:
            case OutboxState.APPROVED:
                return SendingStage.QUEUED
            case OutboxState.SENT if self.read_at is not None:
                return SendingStage.READ
            case OutboxState.SENT if self.delivered_at is not None:
                return SendingStage.DELIVERED
            case OutboxState.CLOSED:
                return SendingStage.UNCERTAIN
        return SendingStage(str(self.state))
