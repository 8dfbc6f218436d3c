"""Decides who has waited too long for a person's answer, and who is notified next; pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from izer_bridge.domain.analysis import Analysis, Priority
from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.escalation import Due, Level, Target, Why
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.message import Message, Origin

URGENT_FROM = 9


TOLD_AT: dict[Level, tuple[Target, ...]] = {
    Level.OWNER: (Target.OWNER,),
    Level.SECOND: (Target.SECOND,),
    Level.OUTSIDE: (Target.WEBHOOK, Target.EMAIL),
}
ON_WHATSAPP = frozenset({Target.OWNER, Target.SECOND})


def joins(why: Why, waiting: Why) -> bool:
    """Whether a wait for this reason is covered by the chat's existing escalation."""
    return why is not Why.DANGER or waiting is Why.DANGER


def next_due(why: Why, hours: BusinessHours, now: datetime, step: timedelta) -> datetime:
    """When the next level is due, `step` after the last notice; danger ignores closing time."""
    return now + step if why is Why.DANGER else hours.after(now, step)


def next_level(level: Level, targets: Collection[Target]) -> Level | None:
    """The level after `level` at which one of `targets` is notified; None at the ladder's end."""
    for following in Level:
        if following > level and any(target in targets for target in TOLD_AT[following]):
            return following
    return None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The minutes of business hours within which a person must have answered.

    `important_minutes` are for VIPs and critical groups that are raised and have no time of their
    own; `urgent_minutes` for anybody's messages of urgency 9 and 10, and for critical ones of
    people who are not raised: raising alone can make a message critical. 0: no deadline. Danger is
    due at once, at any hour; if nobody `is_there_to_tell`, only danger waits for a person.
    """

    hours: BusinessHours
    important_minutes: int
    urgent_minutes: int
    is_there_to_tell: bool = True

    def of(
        self, message: Message, importance: Importance, analysis: Analysis, now: datetime
    ) -> Due | None:
        """None if nobody needs to answer, or if an answer could not be seen.

        The bridge does not see answers to webhook messages; a person is notified of danger
        nevertheless, and closes it.
        """
        if analysis.dangers:
            return Due(now, Why.DANGER)
        is_seen = self.is_there_to_tell and message.origin is not Origin.WEBHOOK
        if not (analysis.action_required and is_seen):
            return None
        allowed = self._allowed(importance, analysis)
        if allowed is None:
            return None
        minutes, why = allowed
        # A sender's clock may be ahead.
        since = min(message.sent_at, now)
        return Due(self.hours.after(since, timedelta(minutes=minutes)), why)

    def _allowed(self, importance: Importance, analysis: Analysis) -> tuple[int, Why] | None:
        raising = {
            why: one.answer_within_minutes
            for why, one in ((Why.VIP, importance.customer), (Why.GROUP, importance.group))
            if one is not None and one.is_raised
        }
        own = {why: minutes for why, minutes in raising.items() if minutes is not None}
        if own:
            why = min(own, key=own.__getitem__)
            return own[why], why
        is_critical = not raising and analysis.priority_level is Priority.CRITICAL
        is_urgent = is_critical or analysis.urgency_score >= URGENT_FROM
        urgent = [self.urgent_minutes] * (is_urgent and self.urgent_minutes > 0)
        usual = [self.important_minutes] * bool(raising) + urgent
        return (min(usual), next(iter(raising), Why.URGENT)) if usual else None
