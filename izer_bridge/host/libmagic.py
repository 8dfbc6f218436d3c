"""The library that tells a file's type; the client needs it, too. Its absence is told plainly."""

from izer_bridge.domain.errors import ConfigError

try:
    import magic
except ImportError as error:
    if "libmagic" not in str(error):
        raise
    raise ConfigError("libmagic is missing; install it: sudo apt install libmagic1") from error

__all__ = ["magic"]
