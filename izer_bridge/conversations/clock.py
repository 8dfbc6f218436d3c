"""The waiting clock of one chat: what starts, moves and stops it; pure.

It starts at the customer's first unanswered message, runs in the shop's business hours, and is
stopped by a person's answer, by a person's decision (`decide.py`), and, if the settings want that,
by an automatic answer. What a step cannot know from the clock alone is counted again from the
messages: it raises `CountAgainError`.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from izer_bridge.conversations.conversation import ConversationStatus, Decider
from izer_bridge.domain.analysis import ResponseTime
from izer_bridge.domain.business_hours import BusinessHours

# A customer who writes after so long has a new matter, and one who is silent so long has none.
UNDER_WAY = timedelta(days=7)
# Until a message is analysed, and for one that never is.
_UNKNOWN = ResponseTime.FOUR_HOURS
_SOON = 0.75
# What an answer at once means, unless the escalation says something else.
AT_ONCE = timedelta(minutes=15)
_ALWAYS = BusinessHours(ZoneInfo("UTC"), {day: [(0, 24 * 60)] for day in range(7)})


class ClockPhase(StrEnum):
    """What the store sorts by; a snoozed conversation is a waiting one that is not shown yet."""

    WAITING = "waiting"
    CUSTOMER = "customer"
    DONE = "done"


class CountAgainError(Exception):
    """Only the chat's messages tell how its clock stands."""


@dataclass(frozen=True, slots=True)
class ClockRules:
    """`own_people` are the shop's own, by number or LID; `day` is what an answer within 24 h means:
    a working day.
    """

    hours: BusinessHours = _ALWAYS
    immediate: timedelta = AT_ONCE
    automatic_stops: bool = False
    own_people: Collection[str] = frozenset()

    def within(self, target: ResponseTime) -> timedelta:
        """In business hours."""
        match target:
            case ResponseTime.IMMEDIATE:
                return self.immediate
            case ResponseTime.ONE_HOUR:
                return timedelta(hours=1)
            case ResponseTime.FOUR_HOURS:
                return timedelta(hours=4)
            case ResponseTime.ONE_DAY:
                return self.hours.usual_day


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's message that waits for an answer."""

    at: datetime
    is_vip: bool = False
    is_critical_group: bool = False


@dataclass(frozen=True, slots=True)
class ShopAnswer:
    """The shop's message; `by_person`: not an automatic one, and no reply that nobody approved."""

    at: datetime
    by_person: bool


@dataclass(frozen=True, slots=True)
class JudgedMessage:
    """An analysis of a customer's message; `due` is when the escalation expects its answer."""

    row_id: int
    at: datetime
    urgency: int
    needs_answer: bool
    target: ResponseTime
    due: datetime | None = None
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class WaitingClock:
    """`waiting_since` is None if nobody waits, also while a snooze only reminds.

    `asked_at` is the time of the customer's last message, `unanswered` counts theirs, `calm` those
    that want no answer. `urgent_id` is the most urgent analysed one. `answered_at` is the
    last answer's time, `dealt_at` that of the last message before a person was done with it, and
    `was_answered` whether a person has answered this matter.
    """

    phase: ClockPhase = ClockPhase.CUSTOMER
    waiting_since: datetime | None = None
    soon_at: datetime | None = None
    due_at: datetime | None = None
    asked_at: datetime | None = None
    unanswered: int = 0
    calm: int = 0
    urgent_id: int | None = None
    urgency: int = 0
    answered_at: datetime | None = None
    dealt_at: datetime | None = None
    was_answered: bool = False
    snoozed_until: datetime | None = None
    last_at: datetime | None = None
    is_vip: bool = False
    is_critical_group: bool = False
    decided: Decider | None = None

    @property
    def handled_at(self) -> datetime | None:
        """What was said before then needs nobody any more."""
        return max(filter(None, (self.answered_at, self.dealt_at)), default=None)

    @property
    def version(self) -> str:
        """Changes with what a person must have seen before they decide."""
        asked_at, decided = _digits(self.asked_at), _digits(self.decided and self.decided.at)
        return f"{asked_at}.{self.unanswered}-{decided}"

    def status(self, now: datetime) -> ConversationStatus:
        match self.phase:
            case ClockPhase.DONE:
                return ConversationStatus.DONE
            case ClockPhase.CUSTOMER:
                return ConversationStatus.WAITING_FOR_CUSTOMER
        if self.snoozed_until is not None and self.snoozed_until > now:
            return ConversationStatus.SNOOZED
        if self.was_answered:
            return ConversationStatus.NEEDS_ANSWER
        return ConversationStatus.NEEDS_FIRST_ANSWER


def said(clock: WaitingClock, at: datetime, now: datetime) -> WaitingClock:
    """Something was said in the chat, by anybody."""
    at = min(at, now)
    return (
        clock if clock.last_at is not None and at <= clock.last_at else replace(clock, last_at=at)
    )


def asked(clock: WaitingClock, one: Asked, rules: ClockRules, now: datetime) -> WaitingClock:
    """A message said before the last answer is answered: whoever answered has seen it."""
    # A sender's clock may be ahead.
    at = min(one.at, now)
    if _is_handled(clock, at):
        return clock
    known: dict[str, Any] = {
        "asked_at": max(at, clock.asked_at or at),
        "snoozed_until": None,
        "is_vip": one.is_vip or (clock.is_vip and clock.waiting_since is not None),
        "is_critical_group": one.is_critical_group,
    }
    if clock.waiting_since is not None:
        since = min(clock.waiting_since, at)
        return replace(clock, waiting_since=since, unanswered=clock.unanswered + 1, **known)
    is_new = clock.phase is ClockPhase.DONE or _is_over(clock, at)
    soon_at, due_at = _times(at, _UNKNOWN, None, rules)
    return replace(
        clock,
        phase=ClockPhase.WAITING,
        waiting_since=at,
        soon_at=soon_at,
        due_at=due_at,
        unanswered=1,
        calm=0,
        urgent_id=None,
        urgency=0,
        was_answered=clock.was_answered and not is_new,
        **known,
    )


def answered(
    clock: WaitingClock, one: ShopAnswer, rules: ClockRules, now: datetime
) -> WaitingClock:
    """Raises CountAgainError for an answer to only some of what waits.

    A snooze stays, as a reminder: whoever asked for it wants to see the conversation again.
    """
    if not (one.by_person or rules.automatic_stops):
        return clock
    at, since = min(one.at, now), clock.waiting_since
    if since is not None and clock.asked_at is not None and at < clock.asked_at:
        if at < since:
            return clock
        raise CountAgainError
    clock = replace(
        clock,
        answered_at=max(at, clock.answered_at or at),
        was_answered=clock.was_answered or one.by_person,
    )
    return clock if since is None else stopped(clock, now)


def stopped(clock: WaitingClock, now: datetime) -> WaitingClock:
    """Nobody waits any more; a snooze becomes a reminder."""
    is_reminder = clock.snoozed_until is not None and clock.snoozed_until > now
    at = clock.snoozed_until if is_reminder else None
    return replace(
        clock,
        phase=ClockPhase.WAITING if is_reminder else ClockPhase.CUSTOMER,
        waiting_since=None,
        soon_at=at,
        due_at=at,
        unanswered=0,
        calm=0,
        urgent_id=None,
        urgency=0,
        snoozed_until=at,
    )


def judged(
    clock: WaitingClock, one: JudgedMessage, rules: ClockRules, now: datetime
) -> WaitingClock:
    """What an analysis says about a message that waits.

    Thanks and goodbyes under way with a person start no clock; from somebody new they wait, last
    of all and never late. Raises CountAgainError for a message that was judged before.
    """
    at = min(one.at, now)
    if clock.waiting_since is None or _is_handled(clock, at):
        return clock
    if one.is_again:
        raise CountAgainError
    is_first = clock.urgent_id is None
    if not one.needs_answer:
        calm = clock.calm + 1
        if calm >= clock.unanswered and not _is_over(clock, at):
            return replace(stopped(clock, now), was_answered=True)
        clock = replace(clock, calm=calm)
        return _led(replace(clock, soon_at=None, due_at=None), one) if is_first else clock
    soon_at, due_at = _times(at, one.target, one.due, rules)
    if not is_first:
        soon_at = min(soon_at, clock.soon_at or soon_at)
        due_at = min(due_at, clock.due_at or due_at)
    clock = replace(clock, soon_at=soon_at, due_at=due_at)
    return _led(clock, one) if is_first or one.urgency > clock.urgency else clock


def _led(clock: WaitingClock, one: JudgedMessage) -> WaitingClock:
    return replace(clock, urgent_id=one.row_id, urgency=one.urgency)


def _times(
    at: datetime, target: ResponseTime, due: datetime | None, rules: ClockRules
) -> tuple[datetime, datetime]:
    """When it is soon due, and when it is."""
    within = rules.within(target)
    due_at = rules.hours.after(at, within)
    due_at = due_at if due is None else min(due_at, due)
    return min(due_at, rules.hours.after(at, within * _SOON)), due_at


def _digits(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1_000_000)


def _is_handled(clock: WaitingClock, at: datetime) -> bool:
    return clock.handled_at is not None and at < clock.handled_at


def _is_over(clock: WaitingClock, at: datetime) -> bool:
    """Whether a talk with a person, if there was one, has ended before then."""
    return clock.handled_at is None or at - clock.handled_at > UNDER_WAY
