"""Conversations as the HTTP interface tells them."""

from collections.abc import Sequence
from datetime import datetime

from izer_bridge.conversations.conversation import (
    ConversationDecision,
    ConversationStatus,
    ListedConversation,
    TimeLeft,
)
from izer_bridge.web.operation import ToldFields


class LastWordsTold(ToldFields):
    """The chat's latest message. `text` is short; an attachment is named in brackets."""

    row_id: int
    kind: str
    sent_at: datetime
    from_me: bool
    is_automatic: bool
    sender: str
    text: str


class UrgencyTold(ToldFields):
    """The most urgent message that waits. `score` is 1 to 10, `words` are those that decided it."""

    row_id: int
    score: int
    priority: str
    category: str
    sentiment: str
    words: Sequence[str]
    dangers: Sequence[str]
    raised_because: str | None


class DeciderTold(ToldFields):
    decision: ConversationDecision
    by: str
    at: datetime


class ConversationTold(ToldFields):
    """`time_left` is `breached` once `due_at` is past, `soon` from `soon_at` on. `number` is empty
    where WhatsApp hides it. `unanswered` counts the customer's messages since `waiting_since`.
    """

    chat_id: int
    account: str
    name: str
    number: str
    is_group: bool
    is_vip: bool
    is_critical_group: bool
    status: ConversationStatus
    time_left: TimeLeft
    waiting_since: datetime | None
    soon_at: datetime | None
    due_at: datetime | None
    unanswered: int
    urgency: UrgencyTold | None
    last: LastWordsTold | None
    snoozed_until: datetime | None
    is_paused: bool
    paused_until: datetime | None
    paused_by: str
    draft_id: int | None
    is_answer_on_its_way: bool
    decided: DeciderTold | None
    changed_at: datetime
    version: str


class ConversationList(ToldFields):
    items: Sequence[ConversationTold]
    next_cursor: str | None


class ConversationCounts(ToldFields):
    """How many there are of each status but `done`; `soon` and `breached` of those that wait."""

    needs_first_answer: int
    needs_answer: int
    waiting_for_customer: int
    snoozed: int
    soon: int
    breached: int


def told(one: ListedConversation, now: datetime) -> ConversationTold:
    fields = {name: getattr(one, name, None) for name in ConversationTold.model_fields}
    return ConversationTold.model_validate(fields | {"time_left": one.time_left(now)})
