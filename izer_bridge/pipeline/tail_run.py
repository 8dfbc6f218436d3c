"""`izer-bridge tail`: one line a message, when it has come to rest."""

import asyncio
from collections.abc import Callable

from izer_bridge.domain.message_state import PENDING
from izer_bridge.pipeline.store.search import Browsing, MessageFilter, Read

_EVERY_SECONDS = 1.0
# No more of the messages that wait for hours are looked at again; the oldest are let go first.
_MOST_WAITING = 1_000


async def tail(
    url: str, wanted: MessageFilter, count: int, show: Callable[[Read], None], *, follow: bool
) -> None:
    """Show the newest `count`, then each that comes to rest; without `follow` only the first.

    Raises TransientError, ConfigError; a store that goes away while it is followed ends it.
    """
    async with Browsing(url) as stored:
        newest = await stored.newest_id()
        waiting: dict[int, None] = {}
        for one in await stored.last(wanted, count):
            show(one)
            if _moves(one):
                waiting[one.row_id] = None
        while follow:
            await asyncio.sleep(_EVERY_SECONDS)
            newest = await _advance(stored, wanted, newest, waiting, show)


async def _advance(
    stored: Browsing,
    wanted: MessageFilter,
    newest: int,
    waiting: dict[int, None],
    show: Callable[[Read], None],
) -> int:
    """One look at what has come and at what has come to rest; the newest row that was seen."""
    unseen = MessageFilter(chat=wanted.chat)
    while found := await stored.after(unseen, newest):
        newest = found[-1].row_id
        waiting |= dict.fromkeys(one.row_id for one in found)
    for one in await stored.again(list(waiting)):
        if not _moves(one):
            del waiting[one.row_id]
            if _is_wanted(one, wanted):
                show(one)
    for row_id in list(waiting)[:-_MOST_WAITING]:
        del waiting[row_id]
    return newest


def _moves(one: Read) -> bool:
    return one.state in PENDING


def _is_wanted(one: Read, wanted: MessageFilter) -> bool:
    """What the analysis and the rules decide is known only when it rests."""
    is_urgent = wanted.min_urgency is None or (one.urgency or 0) >= wanted.min_urgency
    return is_urgent and wanted.agent in (None, one.agent)
