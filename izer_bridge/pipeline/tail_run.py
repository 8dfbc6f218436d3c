"""`izer-bridge tail`: one line per message, once it is settled."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from izer_bridge.domain.message_state import PENDING
from izer_bridge.pipeline.store.browsing import Browsing, MessageFilter, Read

_EVERY_SECONDS = 1.0
# At most this many unsettled messages are checked again; the oldest are dropped first.
_MOST_WAITING = 1_000


async def tail(
    url: str, wanted: MessageFilter, count: int, show: Callable[[Read], None], *, follow: bool
) -> None:
    """Show the newest `count`, then each message as it settles; without `follow` only the first.

    Raises TransientError, ConfigError; if the store goes away while following, it ends.
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
            newest = await advance(stored, wanted, newest, waiting, show)


async def advance(
    stored: Browsing,
    wanted: MessageFilter,
    newest: int,
    waiting: dict[int, None],
    show: Callable[[Read], None],
) -> int:
    """Look once for new and newly settled messages; returns the newest row seen.

    While nobody writes, it does not look up who is meant by the filter's names.
    """
    unseen, latest = replace(wanted, min_urgency=None, agent=None), await stored.newest_id()
    while newest < latest:
        found = await stored.after(unseen, newest)
        newest = found[-1].row_id if found else latest
        waiting |= dict.fromkeys(one.row_id for one in found)
    for one in await stored.again(list(waiting)) if waiting else ():
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
    """The results of analysis and rules are known only once it is settled."""
    is_urgent = wanted.min_urgency is None or (one.urgency or 0) >= wanted.min_urgency
    return is_urgent and wanted.agent in (None, one.agent)
