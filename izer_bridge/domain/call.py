"""The signs of one call: its ringing, and the later entry in the chat's log; pure.

The entry has its own id and does not name the call's, so the two are matched by their times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_RINGS = timedelta(minutes=1)
# Clocks differ, and an entry is written when the call is over.
_EARLIER, _LATER = timedelta(seconds=5), timedelta(minutes=2)
# Between the signs of a call that lasted hours.
FARTHEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class CallSign:
    """What a sign says about its call.

    `is_video` is None if it does not say. `is_beginning`: its time is when the call began to ring.
    An entry may state for how many `seconds` people spoke.
    """

    is_entry: bool
    is_video: bool | None = None
    is_beginning: bool = False
    seconds: int = 0


Told = tuple[CallSign, datetime]


def nearest(told: Told, others: Sequence[Told]) -> int | None:
    """Which of `others` belongs to the same call; None if none does, or if two are equally near."""
    apart = [_apart(told, one) for one in others]
    least = min((one for one in apart if one is not None), default=None)
    return apart.index(least) if least is not None and apart.count(least) == 1 else None


def _apart(one: Told, other: Told) -> timedelta | None:
    """How far from the call's other sign; None if it cannot be the same call."""
    (entry, written_at), (ringing, rang_at) = (one, other) if one[0].is_entry else (other, one)
    if ringing.is_entry or not entry.is_entry:
        return None
    if None not in (entry.is_video, ringing.is_video) and entry.is_video != ringing.is_video:
        return None
    earliest = -_EARLIER if ringing.is_beginning else -_EARLIER - _RINGS
    # An entry carries the time when the call began, or when it ended.
    after = (written_at - rang_at, written_at - timedelta(seconds=entry.seconds) - rang_at)
    possible = [abs(one) for one in after if earliest <= one <= _RINGS + _LATER]
    return min(possible, default=None)
