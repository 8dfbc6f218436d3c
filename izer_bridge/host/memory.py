"""Gives memory that nobody uses any more back to the system."""

import asyncio
import ctypes

_LIBC = ctypes.CDLL(None)


def give_back() -> None:
    """What is free between what is used: glibc by itself gives back only what is free at its end.

    Takes some milliseconds in which other threads run on.
    """
    _LIBC.malloc_trim(0)


async def returned() -> bool:
    """The step of a loop: after a burst, or a phone's history, much of it is free."""
    await asyncio.to_thread(give_back)
    return False
