"""A person's decisions about a conversation: what each changes, and what refuses it; pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from izer_bridge.conversations.clock import ClockPhase, WaitingClock, stopped
from izer_bridge.conversations.conversation import ConversationDecision, Decider

_LONGEST = timedelta(days=366)
_D = ConversationDecision


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person wants; `until` ends a snooze. `seen` is the version that they have seen."""

    what: ConversationDecision
    by: str
    until: datetime | None = None
    seen: str | None = None


def refuse_a_wrong_moment(until: datetime, now: datetime) -> None:
    """Raises ValueError with a sentence for whoever chose it."""
    if until <= now:
        raise ValueError(f"until: {_shown(until)} is past; expected a later moment")
    if until > now + _LONGEST:
        raise ValueError(f"until: {_shown(until)} is more than a year ahead")


def decided(clock: WaitingClock, decision: Decision, now: datetime) -> WaitingClock:
    """The clock after the decision; the same one if it changes nothing.

    One that is reopened must then be counted from its messages. Raises ValueError for a snooze to
    a wrong moment.
    """
    if decision.what is _D.SNOOZED:
        if decision.until is None:
            raise ValueError("until: expected the moment at which the snooze ends")
        refuse_a_wrong_moment(decision.until, now)
    if decision.seen is not None and decision.seen != clock.version:
        return clock
    changed = _changed(clock, decision, now)
    if changed is clock:
        return clock
    return replace(changed, decided=Decider(decision.what, decision.by, now))


def who_was_first(clock: WaitingClock, decision: Decision) -> Decider | None:
    """Why a decision changed nothing: an earlier one, or None if the customer has written since."""
    if decision.seen is None or decision.seen == clock.version:
        return clock.decided
    is_same = decision.seen.partition("-")[2] == clock.version.partition("-")[2]
    return None if is_same else clock.decided


def _changed(clock: WaitingClock, decision: Decision, now: datetime) -> WaitingClock:
    match decision.what:
        case _D.DONE if clock.phase is not ClockPhase.DONE:
            dealt_at = max(filter(None, (clock.asked_at, clock.dealt_at)), default=None)
            ended = stopped(replace(clock, snoozed_until=None), now)
            return replace(ended, phase=ClockPhase.DONE, dealt_at=dealt_at)
        case _D.REOPENED if clock.phase is ClockPhase.DONE:
            return replace(clock, phase=ClockPhase.CUSTOMER, dealt_at=None)
        case _D.SNOOZED if clock.snoozed_until != decision.until:
            return snoozed(clock, decision.until)
        case _D.WOKEN if clock.snoozed_until is not None:
            awake = replace(clock, snoozed_until=None)
            return stopped(awake, now) if clock.waiting_since is None else awake
    return clock


def snoozed(clock: WaitingClock, until: datetime | None) -> WaitingClock:
    """Whoever waits keeps waiting; without them it is a reminder, due when the snooze ends."""
    if clock.waiting_since is not None:
        return replace(clock, snoozed_until=until)
    return replace(
        clock, phase=ClockPhase.WAITING, soon_at=until, due_at=until, snoozed_until=until
    )


def _shown(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
