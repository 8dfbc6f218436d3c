"""The token of the HTTP interface, in a file that nobody but the bridge's user reads."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.model.errors import ConfigError

FILE_NAME = "api_token"
_PRIVATE = 0o600
_BYTES = 32


def kept_token(state_dir: Path) -> SecretStr:
    """The token in `state_dir`, made at the first call.

    Raises ConfigError when the file cannot be used or others may read it.
    """
    path = state_dir / FILE_NAME
    try:
        _make_once(path)
        with path.open(encoding="utf-8") as file:
            is_open_to_others = os.fstat(file.fileno()).st_mode & 0o077
            token = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the token's file {path} cannot be used: {error}") from None
    if is_open_to_others:
        raise ConfigError(f"others may read the token's file {path}; chmod 600 it, or remove it")
    return SecretStr(token)


def _make_once(path: Path) -> None:
    """Whole or not at all: a crash must not leave an empty token behind."""
    if path.exists():
        return
    unfinished = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
