"""Where secrets come from: systemd's credentials, files that are named, the environment."""

import os
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.model.errors import ConfigError


def openai_key() -> SecretStr | None:
    """The key `openai_api_key`, as `secret` finds it."""
    return secret("openai_api_key")


def agent_secrets(name: str) -> tuple[SecretStr, ...]:
    """What an agent's `secret` names: one a line, the newest first; none for no name.

    Raises ConfigError when there is nothing of that name: then nothing must be sent unsigned.
    """
    if not name:
        return ()
    found = secret(name)
    if found is None:
        raise ConfigError(
            f"the secret {name!r} is nowhere: expected a systemd credential {name}, "
            f"{name.upper()}_FILE or {name.upper()}"
        )
    return tuple(SecretStr(one) for one in found.get_secret_value().split())


def secret(name: str) -> SecretStr | None:
    """From systemd's credential `name`, then the file that `NAME_FILE` names, then `NAME`.

    Raises ConfigError when a file that is named cannot be read.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory and (credential := Path(directory, name)).is_file():
        return _secret(credential, name)
    if named := os.environ.get(f"{name.upper()}_FILE"):
        return _secret(Path(named), name)
    text = os.environ.get(name.upper(), "").strip()
    return SecretStr(text) if text else None


def _secret(path: Path, name: str) -> SecretStr | None:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file {path} of the secret {name} cannot be read: {error}") from None
    return SecretStr(text) if text else None
