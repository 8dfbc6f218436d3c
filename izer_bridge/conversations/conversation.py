"""A conversation as a list shows it, and the order of such lists; pure values.

A conversation has the id of its chat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from izer_bridge.domain.danger import Danger


class ConversationStatus(StrEnum):
    """`needs_first_answer`: no person of the shop has answered this enquiry yet."""

    NEEDS_FIRST_ANSWER = "needs_first_answer"
    NEEDS_ANSWER = "needs_answer"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    SNOOZED = "snoozed"
    DONE = "done"


UNANSWERED = frozenset({ConversationStatus.NEEDS_FIRST_ANSWER, ConversationStatus.NEEDS_ANSWER})


class TimeLeft(StrEnum):
    """`none`: nothing is due. `soon`: three quarters of the time are over."""

    NONE = "none"
    OK = "ok"
    SOON = "soon"
    BREACHED = "breached"


class ConversationDecision(StrEnum):
    """What a person last decided about a conversation."""

    DONE = "done"
    REOPENED = "reopened"
    SNOOZED = "snoozed"
    WOKEN = "woken"


class Decider(NamedTuple):
    """Who decided what, and when. `by` is `bridge` for what time alone has decided."""

    decision: ConversationDecision
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LastWords:
    """The chat's latest message; `text` is short, on one line, a medium before its caption."""

    row_id: int
    kind: str
    sent_at: datetime
    from_me: bool
    is_automatic: bool
    sender: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Urgency:
    """The most urgent message that waits, as it was analysed.

    `score` is 1 to 10; `words` are those of the message that decided it, `raised_because` is a
    rule's name.
    """

    row_id: int
    score: int
    priority: str
    category: str
    sentiment: str
    words: tuple[str, ...] = ()
    dangers: tuple[Danger, ...] = ()
    raised_because: str | None = None


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """One conversation. All moments are aware UTC.

    `name` is never empty: without a name it is the number, and without that the LID. `number` is
    E.164, empty if WhatsApp hides it. `unanswered` counts the customer's messages since
    `waiting_since`. `draft_id` is a reply that waits for a person; `is_answer_on_its_way`: one is
    approved and not sent yet. `is_paused`: the bridge answers nobody there, until `paused_until`
    or until told otherwise; `paused_by` names the person who wanted that, if one has. `version`
    changes with each message of the customer and each decision.
    """

    chat_id: int
    account: str
    name: str
    number: str
    is_group: bool
    is_vip: bool
    is_critical_group: bool
    status: ConversationStatus
    changed_at: datetime
    version: str
    waiting_since: datetime | None = None
    soon_at: datetime | None = None
    due_at: datetime | None = None
    unanswered: int = 0
    urgency: Urgency | None = None
    last: LastWords | None = None
    snoozed_until: datetime | None = None
    is_paused: bool = False
    paused_until: datetime | None = None
    paused_by: str = ""
    draft_id: int | None = None
    is_answer_on_its_way: bool = False
    decided: Decider | None = None

    def time_left(self, now: datetime) -> TimeLeft:
        return time_left(self.soon_at, self.due_at, now)


def time_left(soon_at: datetime | None, due_at: datetime | None, now: datetime) -> TimeLeft:
    if due_at is None:
        return TimeLeft.NONE
    if due_at <= now:
        return TimeLeft.BREACHED
    return TimeLeft.SOON if soon_at is not None and soon_at <= now else TimeLeft.OK


class ListKey(NamedTuple):
    """Where a list goes on: after the conversation with this sorting time and id."""

    at: datetime
    chat_id: int


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Part of a list; `following` is None at its end."""

    conversations: Sequence[ListedConversation]
    following: ListKey | None


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """How many conversations have each status, and how many of those that need a person are late.

    A status that is not a key has none; `done` is not counted.
    """

    by_status: Mapping[ConversationStatus, int]
    soon: int
    breached: int
