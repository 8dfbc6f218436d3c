"""The library that detects a file's type, also for the client. Its absence is reported plainly."""

from izer_bridge.domain.errors import ConfigError

try:
    import magic
except ImportError as error:
    if "libmagic" not in str(error):
        raise
    raise ConfigError("libmagic is missing; install it: sudo apt install libmagic1") from error

__all__ = ["magic"]
