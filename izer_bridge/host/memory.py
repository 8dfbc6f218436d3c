"""Returns unused memory to the system."""

import asyncio
import ctypes

_LIBC = ctypes.CDLL(None)


def give_back() -> None:
    """Return free memory between used blocks: glibc by itself returns only what is free at the end.

    Takes some milliseconds, during which other threads run on.
    """
    _LIBC.malloc_trim(0)


async def returned() -> bool:
    """The step of a loop: after a burst, or a phone's history, much memory is free."""
    await asyncio.to_thread(give_back)
    return False
