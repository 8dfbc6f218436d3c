"""What wakes the recorder and the worker, and whom they notify; both ends are built with it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from izer_bridge.host.loop import Hint


@dataclass(frozen=True, slots=True)
class RecordSignals:
    """`arrived`: the inbox is not empty. `calm` is set while events arrive one by one.

    `recording` is called right before a few messages are written, `recorded` after each batch with
    whether it contained media; `emptied` is called each time everything that arrived is in the
    store.
    """

    arrived: Hint = field(default_factory=Hint)
    calm: asyncio.Event = field(default_factory=asyncio.Event)
    recorded: Callable[[bool], None] = lambda has_media: None
    emptied: Callable[[], None] = lambda: None
    recording: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class WorkSignals:
    """`hint`: there may be work. Unless `calm` is set, nothing new is begun, for seconds at most.

    `rested` is called with each row that is finished or waits for a later attempt; `worked`, for
    each message, with its result and how many seconds that took.
    """

    hint: Hint = field(default_factory=Hint)
    calm: asyncio.Event | None = None
    rested: Callable[[int], None] = lambda row_id: None
    worked: Callable[[str, float], None] = lambda outcome, seconds: None
