"""WhatsApp through neonize, loaded here, before any other module asks for that library."""

import concurrent.futures
import ctypes
import logging

# Before the client, which would fail for want of it in words of its own.
from izer_bridge.host import libmagic as libmagic
from izer_bridge.host.lean_import import left_out

# glibc's <malloc.h>. Each of the client's many threads would take a heap of its own, from its
# loading on.
_M_ARENA_MAX, _HEAPS = -8, 2
ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)

# What sends stickers and previews of links and prints codes, which the bridge never does so.
_FOR_STICKERS_AND_PREVIEWS = (
    *("PIL", "PIL.Image", "linkpreview", "linkpreview.exceptions", "concurrent.futures.process"),
    *("requests", "requests.exceptions", "httpx", "tqdm", "segno"),
)

_root = logging.getLogger()
_handlers, _level = _root.handlers[:], _root.level
try:
    with left_out(*_FOR_STICKERS_AND_PREVIEWS):
        import neonize.aioze.client  # noqa: F401
finally:
    # The standard library keeps what it has given out once.
    vars(concurrent.futures).pop("ProcessPoolExecutor", None)
    # The library sets up everybody's logging when it is imported; that is not its to do.
    _root.handlers[:] = _handlers
    _root.setLevel(_level)
