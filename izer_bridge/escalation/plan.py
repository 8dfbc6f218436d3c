"""Plans what becomes of an escalation; the store applies the plan in the same transaction; pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.escalation import Due, EscalationState, Level, NoticeState, Target, Why
from izer_bridge.domain.outbox_state import OPEN, OutboxState
from izer_bridge.escalation.decide import ON_WHATSAPP, TOLD_AT, joins, next_due, next_level
from izer_bridge.escalation.ports import NoticeUnderWay

# A lost connection comes back in seconds; a person who waits must not wait for it longer.
_HAND_OVER_WITHIN = timedelta(minutes=2)
_AFTER_OUTBOX = {
    OutboxState.UNCERTAIN: NoticeState.UNCERTAIN,
    OutboxState.CLOSED: NoticeState.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class OpenInChat:
    """An open escalation in a message's chat."""

    row_id: int
    why: Why
    level: Level
    next_at: datetime | None
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """An escalation that ends, how, and because of what."""

    row_id: int
    state: EscalationState
    by: str


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What a message that a person must answer does to its chat's escalations."""

    ends: tuple[Ending, ...] = ()
    brings_forward: int | None = None
    begins: bool = False


def expect(due: Due, open_in_chat: Iterable[OpenInChat]) -> ExpectedAnswer:
    """An existing expectation in the chat is enough, and becomes due with the earlier of both.

    Not for danger: a person who was notified of a wait does not know about the danger.
    """
    waiting, ends = None, []
    for one in open_in_chat:
        if one.is_answered:
            ends.append(Ending(one.row_id, EscalationState.ANSWERED, "answer"))
        else:
            waiting = one
    if waiting is None:
        return ExpectedAnswer(tuple(ends), begins=True)
    if not joins(due.why, waiting.why):
        ends.append(Ending(waiting.row_id, EscalationState.CLOSED, str(due.why)))
        return ExpectedAnswer(tuple(ends), begins=True)
    was_due = waiting.next_at if waiting.level is Level.WAITING else None
    is_earlier = was_due is not None and due.at < was_due
    return ExpectedAnswer(tuple(ends), brings_forward=waiting.row_id if is_earlier else None)


@dataclass(frozen=True, slots=True)
class Rung:
    """The level that is due next, and whom it notifies.

    Without a `level` the ladder has ended; with `passed_over` nobody is notified, for that reason.
    """

    level: Level | None
    on_whatsapp: Target | None = None
    outside: tuple[Target, ...] = ()
    passed_over: str | None = None


def climb(level: Level, targets: Collection[Target], unusable: str | None) -> Rung:
    """`targets` are those of the settings; `unusable` says why WhatsApp accepts nothing now."""
    following = next_level(level, targets)
    if following is None:
        return Rung(None)
    told = [target for target in TOLD_AT[following] if target in targets]
    on_whatsapp = next((target for target in told if target in ON_WHATSAPP), None)
    if on_whatsapp is None:
        return Rung(following, outside=tuple(told))
    return Rung(following, on_whatsapp, passed_over=unusable)


@dataclass(frozen=True, slots=True)
class AfterOutbox:
    """What the outbox did with a notice, and when the next level is due.

    `is_withdrawn`: it is withdrawn first, unless it is being sent already.
    """

    state: NoticeState
    error: str
    next_at: datetime
    is_withdrawn: bool = False


def follow(
    notice: NoticeUnderWay,
    unusable: str | None,
    hours: BusinessHours,
    step: timedelta,
    now: datetime,
) -> AfterOutbox | None:
    """None while it is under way. Two levels are `step` of business hours apart."""
    state = notice.outbox_state
    if state is OutboxState.SENT:
        return AfterOutbox(NoticeState.SENT, "", next_due(notice.why, hours, now, step))
    if state in OPEN:
        if unusable is None and now - notice.since < _HAND_OVER_WITHIN:
            return None
        why = unusable or "WhatsApp has not taken it in time"
        return AfterOutbox(NoticeState.SKIPPED, why, now, is_withdrawn=True)
    if state is OutboxState.SENDING:
        return None
    return AfterOutbox(_AFTER_OUTBOX.get(state, NoticeState.FAILED), notice.error, now)
