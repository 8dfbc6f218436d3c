"""Tells many boards what has changed, read once for all of them, and only while one listens.

The store is the only source: other processes change conversations too. A hint from this one makes
it look sooner. It keeps no history; a board that was away reads its lists anew.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakSet

from izer_bridge.conversations.conversation import ListedConversation, StatusCounts
from izer_bridge.conversations.ports import BoardChange
from izer_bridge.host.loop import Hint, Loop

_LOOK_SECONDS = 1.0
# After a look with news nobody looks again for so many times as long as it took, within these
# limits. Drawing it and writing it to 50 boards takes as long again: in a burst boards take a
# twentieth of a processor, and are told within half a second.
_REST_TIMES = 40
_SHORTEST_REST_SECONDS, _LONGEST_REST_SECONDS = 0.1, 0.5
# A transaction may commit that long after the moment that it has noted; clocks differ, too.
_LATE = timedelta(seconds=30)
_MOST_TOLD = 100


class ChangeSource(Protocol):
    """Where the feed reads; all raise TransientError if the store is away."""

    async def changed_since(self, moment: datetime) -> Sequence[tuple[int, datetime]]: ...

    async def some(self, chat_ids: Collection[int]) -> Sequence[ListedConversation]: ...

    async def counts(self) -> StatusCounts: ...


class _Listener:
    """Holds what it has not heard yet; who keeps up hears the same object as all others."""

    def __init__(self) -> None:
        self._pending: BoardChange | None = None
        self._is_there = asyncio.Event()

    def tell(self, change: BoardChange) -> None:
        self._pending = change if self._pending is None else _merged(self._pending, change)
        self._is_there.set()

    async def heard(self) -> BoardChange:
        while (change := self._pending) is None:
            await self._is_there.wait()
        self._pending = None
        self._is_there.clear()
        return change


def _merged(earlier: BoardChange, later: BoardChange) -> BoardChange:
    news = {one.chat_id: one for one in (*earlier.conversations, *later.conversations)}
    if earlier.is_partial or later.is_partial or len(news) > _MOST_TOLD:
        return BoardChange((), later.counts, is_partial=True)
    return BoardChange(list(news.values()), later.counts)


class ConversationFeed:
    """`ports.ConversationChanges`; a loop of the daemon runs `look`."""

    def __init__(
        self, source: ChangeSource, clock: Callable[[], datetime], hint: Hint | None = None
    ) -> None:
        self._hint = hint
        self._source = source
        self._clock = clock
        # Weak: nobody ends an iteration that was never begun.
        self._listeners: WeakSet[_Listener] = WeakSet()
        self._since: datetime | None = None
        self._seen: dict[int, datetime] = {}

    def loop(self) -> Loop:
        return Loop("conversations", self.look, _LOOK_SECONDS, hint=self._hint)

    def listen(self) -> AsyncIterator[BoardChange]:
        """From now on: what changes before the first iteration is heard, too."""
        listener = _Listener()
        self._listeners.add(listener)
        return self._heard(listener)

    async def _heard(self, listener: _Listener) -> AsyncIterator[BoardChange]:
        try:
            while True:
                yield await listener.heard()
        finally:
            self._listeners.discard(listener)

    async def look(self) -> bool:
        """Tell listeners what has changed since the last look. Raises TransientError."""
        began = asyncio.get_running_loop().time()
        if not self._listeners:
            self._since, self._seen = None, {}
            return False
        now = self._clock()
        found = await self._source.changed_since((self._since or now) - _LATE)
        new = {chat_id for chat_id, at in found if self._seen.get(chat_id) != at}
        self._since, self._seen = now, dict(found)
        if new:
            told = () if len(new) > _MOST_TOLD else await self._source.some(new)
            change = BoardChange(told, await self._source.counts(), len(new) > _MOST_TOLD)
            for listener in list(self._listeners):
                listener.tell(change)
            await asyncio.sleep(_rest(asyncio.get_running_loop().time() - began))
        return False


def _rest(took_seconds: float) -> float:
    return min(max(_REST_TIMES * took_seconds, _SHORTEST_REST_SECONDS), _LONGEST_REST_SECONDS)
