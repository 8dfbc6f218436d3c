"""The link to WhatsApp through neonize; nothing else in the bridge knows that library."""

import logging

from izer_bridge.model.errors import ConfigError

_root = logging.getLogger()
_handlers, _level = _root.handlers[:], _root.level
try:
    import neonize as neonize
except ImportError as error:
    if "libmagic" not in str(error):
        raise
    raise ConfigError("libmagic is missing; install it: sudo apt install libmagic1") from error
finally:
    # The library sets up everybody's logging when it is imported; that is not its to do.
    _root.handlers[:] = _handlers
    _root.setLevel(_level)
