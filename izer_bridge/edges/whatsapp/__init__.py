"""The link to WhatsApp through neonize; nothing else in the bridge knows that library."""

import ctypes
import logging

# Before the client, which would fail for want of it in words of its own.
from izer_bridge.edges import libmagic as libmagic

# glibc's <malloc.h>. Each of the client's many threads would take a heap of its own, from its
# loading on: 20 MB and more after some thousand messages.
_M_ARENA_MAX, _HEAPS = -8, 2
ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)

_root = logging.getLogger()
_handlers, _level = _root.handlers[:], _root.level
try:
    import neonize as neonize
finally:
    # The library sets up everybody's logging when it is imported; that is not its to do.
    _root.handlers[:] = _handlers
    _root.setLevel(_level)
