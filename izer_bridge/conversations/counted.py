"""Counts a chat's clock from its messages, where the clock alone cannot know; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from izer_bridge.conversations.clock import (
    Asked,
    ClockPhase,
    ClockRules,
    JudgedMessage,
    WaitingClock,
    asked,
    judged,
)
from izer_bridge.conversations.decide import snoozed


@dataclass(frozen=True, slots=True)
class ChatMessages:
    """What a chat's messages say: when it was last answered, and by a person, and what was asked
    since then, in order, each with its analysis.
    """

    answered_at: datetime | None
    by_person_at: datetime | None
    asked: Iterable[tuple[Asked, JudgedMessage | None]]
    last_at: datetime | None


def counted(
    known: WaitingClock, messages: ChatMessages, rules: ClockRules, now: datetime
) -> WaitingClock:
    """What persons have decided stays: done with what was asked until then, or not to be shown."""
    by_person_at, dealt_at = messages.by_person_at, known.dealt_at
    clock = WaitingClock(
        phase=ClockPhase.DONE if known.phase is ClockPhase.DONE else ClockPhase.CUSTOMER,
        answered_at=messages.answered_at,
        dealt_at=dealt_at,
        was_answered=by_person_at is not None and (dealt_at is None or by_person_at > dealt_at),
        last_at=messages.last_at or known.last_at,
        is_vip=known.is_vip,
        is_critical_group=known.is_critical_group,
        decided=known.decided,
    )
    for question, analysis in messages.asked:
        clock = asked(clock, question, rules, now)
        if analysis is not None:
            clock = judged(clock, analysis, rules, now)
    until = known.snoozed_until
    return clock if until is None or until <= now else snoozed(clock, until)
