"""Decides whether a due row may be sent, at the moment of its claim; pure."""

from dataclasses import dataclass
from datetime import datetime

from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.replies.decide import ChatFacts, ReplyPolicy, Wait, standing_against, to_wait_for

_CLOSED_DRAFT = frozenset(
    {OutboxState.REFUSED, OutboxState.LAPSED, OutboxState.CANCELLED, OutboxState.RENEWED}
)


@dataclass(frozen=True, slots=True)
class DueReply:
    """A reply to a customer. `chat` is None if the message that it answers is gone.

    `is_pressing`: it warns of danger; `is_persons`: a person has approved it.
    """

    expires_at: datetime | None
    is_pressing: bool
    is_persons: bool
    chat: ChatFacts | None


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice to the shop's own people; the `facts` are the account's. A pressing one goes at
    night.

    `draft` is the state of the draft that it announces; `is_answered`: a person has answered the
    message that it calls one for.
    """

    expires_at: datetime | None
    is_pressing: bool
    facts: ChatFacts
    draft: OutboxState | None = None
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Its fate instead: it ends in `state`, or stays approved until `not_before`."""

    state: OutboxState
    error: str
    not_before: datetime | None = None
    expires_at: datetime | None = None


def held_back(due: DueReply | DueNotice, policy: ReplyPolicy, now: datetime) -> HeldBack | None:
    """None if it may be sent."""
    if due.expires_at is not None and due.expires_at <= now:
        return HeldBack(OutboxState.LAPSED, "it waited too long")
    if isinstance(due, DueNotice):
        return _notice_held_back(due, policy, now)
    if due.chat is None:
        return HeldBack(OutboxState.CANCELLED, "its message is gone")
    if against := standing_against(due.chat, is_pressing=due.is_pressing):
        return HeldBack(OutboxState.CANCELLED, against)
    wait = to_wait_for(due.chat, policy, now, is_reply=True, is_pressing=due.is_pressing)
    if wait is None:
        return None
    if wait.is_quiet and due.is_persons and due.expires_at is not None:
        # A reply approved in quiet hours must outlast them.
        return _later(wait, max(due.expires_at, wait.until + policy.max_age))
    return _later(wait, due.expires_at)


def _notice_held_back(due: DueNotice, policy: ReplyPolicy, now: datetime) -> HeldBack | None:
    if due.draft in _CLOSED_DRAFT:
        return HeldBack(OutboxState.CANCELLED, "its draft is no longer open")
    if due.is_answered:
        return HeldBack(OutboxState.CANCELLED, "a person has answered")
    wait = to_wait_for(due.facts, policy, now, is_reply=False, is_pressing=due.is_pressing)
    return None if wait is None else _later(wait, due.expires_at)


def _later(wait: Wait, expires_at: datetime | None) -> HeldBack:
    return HeldBack(OutboxState.APPROVED, wait.reason, wait.until, expires_at)
