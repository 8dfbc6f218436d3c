"""The token of the HTTP interface, in a file that only the bridge's user can read."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.new_file import NewFile
from izer_bridge.host.plain_files import open_plain

FILE_NAME = "api_token"
_BYTES = 32
_MOST_CHARACTERS = 4096


def kept_token(state_dir: Path) -> SecretStr:
    """The token in `state_dir`, created at the first call.

    Raises ConfigError if the file cannot be used or others may read it.
    """
    path = state_dir / FILE_NAME
    try:
        _make_once(path)
        with os.fdopen(open_plain(path), encoding="utf-8") as file:
            is_open_to_others = os.fstat(file.fileno()).st_mode & 0o077
            token = file.read(_MOST_CHARACTERS + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the token's file {path} cannot be used: {error}") from None
    if not token.isprintable() or not token.isascii() or len(token) > _MOST_CHARACTERS:
        raise ConfigError(f"there is no token in the token's file {path}; remove it")
    if is_open_to_others:
        raise ConfigError(f"others may read the token's file {path}; chmod 600 it, or remove it")
    return SecretStr(token)


def _make_once(path: Path) -> None:
    """Whole or not at all: a crash must not leave an empty token behind."""
    if os.path.lexists(path):
        return
    with NewFile(path) as new:
        new.file.write(f"{secrets.token_urlsafe(_BYTES)}\n".encode())
        new.appear()
