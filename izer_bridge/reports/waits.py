"""How long customers waited for a person, by the waiting clock of conversations; pure."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from izer_bridge.conversations.clock import (
    Asked,
    ClockRules,
    CountAgainError,
    JudgedMessage,
    ShopAnswer,
    WaitingClock,
    answered,
    asked,
    judged,
)
from izer_bridge.domain.analysis import ResponseTime

# Each part of a histogram ends a tenth above where it begins, so that its middle is within 5 % of
# every time in it, and sums of histograms are histograms of all.
_RATIO = 1.1


@dataclass(frozen=True, slots=True)
class WaitLine:
    """A message of a chat. `by_person`: an answer of a person; `urgency` None: not analysed."""

    chat_id: int
    row_id: int
    at: datetime
    recorded_at: datetime
    from_me: bool
    by_person: bool
    is_vip: bool
    is_critical_group: bool
    urgency: int | None
    needs_answer: bool
    target: ResponseTime | None


@dataclass(frozen=True, slots=True)
class EndedWait:
    """A wait that an answer ended. `seconds` are of the shop's opening hours.

    `is_first`: no person had answered this matter before.
    """

    recorded_at: datetime
    seconds: int
    is_first: bool
    is_late: bool


def waits_of(lines: Iterable[WaitLine], rules: ClockRules) -> Iterator[EndedWait]:
    """Of lines by chat, and in each in their order."""
    for _, of_chat in groupby(lines, lambda line: line.chat_id):
        clock = WaitingClock()
        for line in of_chat:
            before, clock = clock, _moved(clock, line, rules)
            since, is_over = before.waiting_since, clock.waiting_since is None
            if line.from_me and since is not None and is_over:
                yield EndedWait(
                    line.recorded_at,
                    int(rules.hours.open_between(since, line.at).total_seconds()),
                    is_first=not before.was_answered,
                    is_late=before.due_at is not None and before.due_at < line.at,
                )


def _moved(clock: WaitingClock, line: WaitLine, rules: ClockRules) -> WaitingClock:
    if line.from_me:
        try:
            return answered(clock, ShopAnswer(line.at, line.by_person), rules, line.at)
        except CountAgainError:
            return clock
    one = Asked(line.at, line.is_vip, line.is_critical_group)
    clock = asked(clock, one, rules, line.at)
    if line.urgency is None or line.target is None:
        return clock
    said = JudgedMessage(line.row_id, line.at, line.urgency, line.needs_answer, line.target)
    return judged(clock, said, rules, line.at)


def part_of(seconds: int) -> int:
    """The part of the histogram that a time is in; under a second is the first, 0."""
    return 0 if seconds < 1 else 1 + int(math.log(seconds) / math.log(_RATIO))


def middle_of(part: int) -> int:
    """Seconds; within 5 % of any time in the part, but for the rounding."""
    return 0 if part == 0 else round(_RATIO ** (part - 0.5))
