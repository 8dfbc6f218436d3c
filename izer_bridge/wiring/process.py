"""How every process of the bridge begins and ends, whatever it runs."""

import asyncio
import gc
import itertools
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from izer_bridge.domain.errors import ConfigError, DamagedStoreError, TransientError
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.host.memory import give_back

log = structlog.get_logger(__name__)

# Together with everything else under the 10 s that the service manager is promised.
GRACE_SECONDS = 3.0
_CLOSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 15.0
_NEW_OBJECTS = 50_000


def stop_on_signals() -> asyncio.Event:
    """Set by SIGINT and SIGTERM; needs a running loop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def raise_config_error(group: ExceptionGroup[Exception]) -> None:
    """Tasks' errors come in groups; a ConfigError among them goes to the operator alone."""
    for error in group.exceptions:
        if isinstance(error, ConfigError):
            raise error from None
        if isinstance(error, ExceptionGroup):
            raise_config_error(error)


def keep_what_is_loaded() -> None:
    """Exclude from garbage collection what the start has built, which stays to the end.

    A full collection walks 300,000 objects of word lists and modules, and holds every thread and
    the client's callbacks for 0.14 s; it never finds one of them to free.
    """
    gc.collect()
    gc.freeze()
    # A history creates tens of thousands of objects that live on; scanning them after each 700
    # takes an eighth of its time, after each 10,000 a twentieth of a burst's.
    gc.set_threshold(_NEW_OBJECTS)
    give_back()


async def in_time(end: Callable[[], Awaitable[None]]) -> None:
    """A hung store must not delay the end of the process."""
    with suppress(TimeoutError, TransientError):
        await asyncio.wait_for(end(), _CLOSE_SECONDS)


async def until_there(open_store: Callable[[], Awaitable[None]]) -> None:
    """Open the store, retrying while it is away. Raises ConfigError."""
    for attempt in itertools.count(1):
        try:
            await open_store()
        except TransientError as error:
            is_damaged = isinstance(error, DamagedStoreError)
            tell = log.error if is_damaged else log.warning
            tell("store_damaged" if is_damaged else "store_unavailable", error=str(error))
            await asyncio.sleep(backoff_seconds(attempt, longest=_LONGEST_PAUSE_SECONDS))
        else:
            break
