"""Decides which alarms about the bridge itself are due, and when one is over; pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from izer_bridge.conditions.owner_texts import TOLD
from izer_bridge.domain.condition import Condition, ConditionName
from izer_bridge.domain.escalation import Target

_MINUTE = timedelta(minutes=1)
# Conditions that often recover by themselves are waited for: a database restart, a reconnect.
HOLDS: dict[ConditionName, timedelta] = {
    ConditionName.STORE_AWAY: 3 * _MINUTE,
    ConditionName.LOGGED_OUT: _MINUTE / 2,
    ConditionName.REFUSED: _MINUTE,
    ConditionName.INBOX_REFUSES: _MINUTE / 2,
}
# A condition that ends and begins again within this time has never ended.
SETTLES = _MINUTE


class Phase(StrEnum):
    BEGUN = "begun"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AlarmTry:
    """How often a channel has refused this phase, and when to try again."""

    target: Target
    phase: Phase
    attempts: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class AlarmCase:
    """One condition from its beginning to the message that it has ended.

    `begun` and `ended` are the channels by which that was sent, or given up; a case that never
    became `due` is forgotten when the condition ends.
    """

    name: ConditionName
    about: str
    sentence: str
    remedy: str
    since: datetime
    ended_at: datetime | None = None
    is_due: bool = False
    begun: tuple[Target, ...] = ()
    ended: tuple[Target, ...] = ()
    tries: tuple[AlarmTry, ...] = field(default=())

    @property
    def key(self) -> tuple[ConditionName, str]:
        return self.name, self.about


@dataclass(frozen=True, slots=True)
class DueAlarm:
    """To be sent over this channel now."""

    case: AlarmCase
    target: Target
    phase: Phase


def followed(
    cases: Sequence[AlarmCase], holding: Collection[Condition], now: datetime
) -> list[AlarmCase]:
    """The cases after a look at the present conditions."""
    wanted = {one.key: one for one in holding if one.name in TOLD}
    known = {one.key: one for one in cases}
    new = [_case(one, now) for key, one in wanted.items() if key not in known]
    kept = [_after(one, holds=key in wanted, now=now) for key, one in known.items()]
    return [one for one in [*kept, *new] if one is not None]


def _case(one: Condition, now: datetime) -> AlarmCase:
    since = one.since or now
    is_due = now - since >= HOLDS.get(one.name, timedelta(0))
    return AlarmCase(one.name, one.about, one.sentence, one.remedy, since, is_due=is_due)


def _after(case: AlarmCase, *, holds: bool, now: datetime) -> AlarmCase | None:
    if holds:
        is_due = case.is_due or now - case.since >= HOLDS.get(case.name, timedelta(0))
        return replace(case, is_due=is_due, ended_at=None)
    if not case.is_due:
        return None
    return case if case.ended_at is not None else replace(case, ended_at=now)


def due(
    cases: Sequence[AlarmCase], targets: Collection[Target], now: datetime
) -> Iterator[DueAlarm]:
    """An end whose beginning was never sent is sent alone: it says from when to when."""
    for case in cases:
        for target in targets:
            phase = _phase(case, target, now)
            if phase is not None and not _is_early(case, target, phase, now):
                yield DueAlarm(case, target, phase)


def _phase(case: AlarmCase, target: Target, now: datetime) -> Phase | None:
    if case.ended_at is None:
        return Phase.BEGUN if case.is_due and target not in case.begun else None
    has_settled = now - case.ended_at >= SETTLES
    return Phase.ENDED if has_settled and target not in case.ended else None


def _is_early(case: AlarmCase, target: Target, phase: Phase, now: datetime) -> bool:
    return any(
        one.next_at > now for one in case.tries if (one.target, one.phase) == (target, phase)
    )


def attempts(alarm: DueAlarm) -> int:
    """How often this channel has refused it."""
    of_it = (
        one.attempts
        for one in alarm.case.tries
        if (one.target, one.phase) == (alarm.target, alarm.phase)
    )
    return next(of_it, 0)


def told(case: AlarmCase, target: Target, phase: Phase) -> AlarmCase:
    """It need no longer be sent over this channel."""
    tries = _others(case, target, phase)
    if phase is Phase.BEGUN:
        return replace(case, begun=(*case.begun, target), tries=tries)
    return replace(case, ended=(*case.ended, target), tries=tries)


def postponed(
    case: AlarmCase, target: Target, phase: Phase, count: int, next_at: datetime
) -> AlarmCase:
    tries = (*_others(case, target, phase), AlarmTry(target, phase, count, next_at))
    return replace(case, tries=tries)


def _others(case: AlarmCase, target: Target, phase: Phase) -> tuple[AlarmTry, ...]:
    return tuple(one for one in case.tries if (one.target, one.phase) != (target, phase))


def is_over(case: AlarmCase, targets: Collection[Target]) -> bool:
    """Whether nobody needs to be told anything more about it."""
    return case.ended_at is not None and set(targets) <= set(case.ended)
