"""Decides whether a due row may be sent, at the moment of its claim; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
class DueWritten:
    """What a person, if it `is_persons`, or a program has written into a chat.

    `is_limited`: WhatsApp has refused messages in this chat. Of a person's, `chat` counts those
    that people have written, of a program's the replies too.
    """

    expires_at: datetime | None
    is_persons: bool
    is_limited: bool
    chat: ChatFacts


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Its fate instead: it ends in `state`, or stays approved until `not_before`."""

    state: OutboxState
    error: str
    not_before: datetime | None = None
    expires_at: datetime | None = None


Due = DueReply | DueNotice | DueWritten


def held_back(due: Due, policy: ReplyPolicy, now: datetime) -> HeldBack | None:
    """None if it may be sent."""
    if due.expires_at is not None and due.expires_at <= now:
        return HeldBack(OutboxState.LAPSED, "it waited too long")
    if isinstance(due, DueNotice):
        return _notice_held_back(due, policy, now)
    if isinstance(due, DueWritten):
        return _written_held_back(due, policy, now)
    if due.chat is None:
        return HeldBack(OutboxState.CANCELLED, "its message is gone")
    if against := standing_against(due.chat, is_pressing=due.is_pressing):
        return HeldBack(OutboxState.CANCELLED, against)
    wait = to_wait_for(due.chat, policy, now, is_reply=True, is_pressing=due.is_pressing)
    if wait is None:
        return None
    # A reply approved in quiet hours must outlast them.
    expires_at = outlasting(wait, due.expires_at, policy) if due.is_persons else due.expires_at
    return _later(wait, expires_at)


def _notice_held_back(due: DueNotice, policy: ReplyPolicy, now: datetime) -> HeldBack | None:
    if due.draft in _CLOSED_DRAFT:
        return HeldBack(OutboxState.CANCELLED, "its draft is no longer open")
    if due.is_answered:
        return HeldBack(OutboxState.CANCELLED, "a person has answered")
    wait = to_wait_for(due.facts, policy, now, is_reply=False, is_pressing=due.is_pressing)
    return None if wait is None else _later(wait, due.expires_at)


def _written_held_back(due: DueWritten, policy: ReplyPolicy, now: datetime) -> HeldBack | None:
    """What comes in between does not end it: it answers no message."""
    if due.is_limited:
        return HeldBack(OutboxState.CANCELLED, "WhatsApp has refused messages in this chat")
    if due.chat.is_paused and not due.is_persons:
        return HeldBack(OutboxState.CANCELLED, "the chat is paused")
    wait = wait_of_written(due.chat, policy, now, is_persons=due.is_persons)
    return None if wait is None else _later(wait, outlasting(wait, due.expires_at, policy))


def wait_of_written(
    facts: ChatFacts, policy: ReplyPolicy, now: datetime, *, is_persons: bool
) -> Wait | None:
    """Why it may not be sent now but perhaps later: a program waits as the bridge itself does.

    A person knows how late it is, and what they have written before.
    """
    if not is_persons:
        return to_wait_for(facts, policy, now, is_reply=True)
    if facts.breaker_until is not None and facts.breaker_until > now:
        return Wait(facts.breaker_until, "WhatsApp has limited this account")
    if facts.sent_in_chat >= policy.hand_per_chat_per_hour:
        return Wait(now + timedelta(minutes=1), "more in this chat this hour than a person writes")
    if facts.sent_in_all >= policy.hand_per_hour:
        return Wait(now + timedelta(minutes=1), "more this hour than people write")
    return None


def outlasting(wait: Wait, expires_at: datetime | None, policy: ReplyPolicy) -> datetime | None:
    """A cap is waited for as long as it may wait, the night to its end."""
    if expires_at is None or not wait.is_quiet:
        return expires_at
    return max(expires_at, wait.until + policy.max_age)


def _later(wait: Wait, expires_at: datetime | None) -> HeldBack:
    return HeldBack(OutboxState.APPROVED, wait.reason, wait.until, expires_at)
