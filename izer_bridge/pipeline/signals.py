"""What wakes the recorder and the worker, and whom they tell; both ends are built with it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from izer_bridge.host.loop import Hint


@dataclass(frozen=True, slots=True)
class RecordSignals:
    """`arrived`: the inbox holds something. `calm` is set while events come one by one.

    `recorded` is told of each batch whether media are among it; `emptied` is called each time when
    all that has arrived is in the store.
    """

    arrived: Hint = field(default_factory=Hint)
    calm: asyncio.Event = field(default_factory=asyncio.Event)
    recorded: Callable[[bool], None] = lambda has_media: None
    emptied: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class WorkSignals:
    """`hint`: there may be work. Until it is `calm` nothing new is begun, for seconds at most.

    `rested` is told each row that has come to an end or waits for a later try; `worked`, of each
    message, what came of it and how many seconds that took.
    """

    hint: Hint = field(default_factory=Hint)
    calm: asyncio.Event | None = None
    rested: Callable[[int], None] = lambda row_id: None
    worked: Callable[[str, float], None] = lambda outcome, seconds: None
