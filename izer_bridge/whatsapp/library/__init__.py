"""WhatsApp through neonize, loaded here before any other module imports that library."""

import concurrent.futures
import ctypes
import logging

# Before the client, which would fail without it with a message of its own.
from izer_bridge.host import libmagic as libmagic
from izer_bridge.host.lean_import import left_out

# glibc's <malloc.h>. Each of the client's many threads would get its own heap, from its loading on.
_M_ARENA_MAX, _HEAPS = -8, 2
ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)

# Packages for sending stickers, buttons and link previews and for printing codes, which the bridge
# never does that way.
_FOR_STICKERS_AND_PREVIEWS = (
    *("PIL", "PIL.Image", "linkpreview", "linkpreview.exceptions", "concurrent.futures.process"),
    *("requests", "requests.exceptions", "httpx", "tqdm", "segno"),
    "neonize.ext.interactive_message.base",
)
# Protobuf's second implementation, in Python, which is used only where the compiled one is missing.
_PROTOBUF_IN_PYTHON = ("google.protobuf.internal.python_message",)

_root = logging.getLogger()
_handlers, _level = _root.handlers[:], _root.level
try:
    with left_out(*_FOR_STICKERS_AND_PREVIEWS, *_PROTOBUF_IN_PYTHON):
        import neonize.aioze.client  # noqa: F401
finally:
    # The standard library keeps a name once it has been imported lazily.
    vars(concurrent.futures).pop("ProcessPoolExecutor", None)
    # The library configures the root logger at import, which is not its business.
    _root.handlers[:] = _handlers
    _root.setLevel(_level)
