"""A chat as a reader sees it: each message with all that was said about it later; values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EditedText:
    at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReactionOf:
    """A sender's last one."""

    sender: str
    at: datetime
    emoji: str


@dataclass(frozen=True, slots=True)
class FileOf:
    """A message's file. `id` is its own; `type` is what its content says, if it is here.

    `words` are a voice note's transcript or a picture's description.
    """

    id: int | None
    type: str
    size: int
    file_name: str | None
    state: str
    words: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuotedWords:
    sender: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentHow:
    """How the bridge came to send a message, and how far it has come.

    `agent` proposed it, `decided_by` approved or wrote it; either may be absent. `answers` is the
    customer's message that it answers.
    """

    agent: str | None
    decided_by: str | None
    answers: int | None
    delivered_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownJudgement:
    """What the analysis says. `urgency` is 1 to 10, `raised_because` a rule's name."""

    urgency: int
    category: str
    sentiment: str
    priority: str
    needs_answer: bool
    raised_because: str | None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message. `text` is what it says now, `first_text` what it said before its edits.

    `answered_by` is the reply of the bridge that answered it.
    """

    id: int
    message_id: str
    sent_at: datetime
    from_me: bool
    is_automatic: bool
    sender: str
    kind: str
    text: str = field(repr=False)
    first_text: str | None = field(repr=False)
    edits: Sequence[EditedText]
    revoked_at: datetime | None
    quoted: QuotedWords | None
    file: FileOf | None
    reactions: Sequence[ReactionOf]
    sending: SentHow | None
    answered_by: int | None
    judgement: ShownJudgement | None
    state: str
    skip_reason: str | None


@dataclass(frozen=True, slots=True)
class ChatGap:
    """A message that is known to be missing."""

    noticed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """Messages, latest first, and the gaps between them, latest first.

    `following` is the time and id of the last one, where the next part begins; None at the end.
    """

    messages: Sequence[ChatMessage]
    gaps: Sequence[ChatGap]
    following: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of the chat of this name; `has_newer`: more was said after it."""

    chat_id: int
    name: str
    history: HistoryPart
    has_newer: bool
