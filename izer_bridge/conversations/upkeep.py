"""What time alone does to conversations, and rows for chats from before there were any."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from izer_bridge.conversations.clock import UNDER_WAY
from izer_bridge.host.loop import Loop

_EVERY_SECONDS = 600.0
# Few at a time, so that nobody waits for it.
_SOME = 50
# Gives how many it has changed.
Step = Callable[[datetime, int], Awaitable[int]]


class ConversationUpkeep:
    """Counts conversations of chats that have none, and closes those of which nothing is heard.

    Both look back as far as a matter is under way.
    """

    def __init__(self, begin: Step, close: Step, clock: Callable[[], datetime]) -> None:
        self._steps = (begin, close)
        self._clock = clock

    def loop(self) -> Loop:
        return Loop("conversation-upkeep", self.run_once, _EVERY_SECONDS)

    async def run_once(self) -> bool:
        """Whether there is more to do. Raises TransientError."""
        since = self._clock() - UNDER_WAY
        return _SOME in [await step(since, _SOME) for step in self._steps]
