"""The link to WhatsApp through neonize; nothing else in the bridge knows that library."""

from izer_bridge.model.errors import ConfigError

try:
    import neonize as neonize
except ImportError as error:
    if "libmagic" not in str(error):
        raise
    raise ConfigError("libmagic is missing; install it: sudo apt install libmagic1") from error
