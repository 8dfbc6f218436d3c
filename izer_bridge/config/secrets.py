"""Where secrets come from: systemd's credentials, files that are named, the environment."""

import os
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.model.errors import ConfigError


def openai_key() -> SecretStr | None:
    """`openai_api_key`; see `secret`."""
    return secret("openai_api_key")


def smtp_password() -> SecretStr | None:
    """`smtp_password`; see `secret`."""
    return secret("smtp_password")


def escalation_webhook_secret() -> SecretStr | None:
    """`escalation_webhook_secret`; see `secret`."""
    return secret("escalation_webhook_secret")


def secret(name: str) -> SecretStr | None:
    """Systemd's credential `name`, then what `NAME_FILE` names, then `NAME` of the environment.

    Raises ConfigError when a file that is named cannot be read.
    """
    variable = name.upper()
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory and (credential := Path(directory, name)).is_file():
        return _content(credential, name)
    if named := os.environ.get(f"{variable}_FILE"):
        return _content(Path(named), name)
    value = os.environ.get(variable, "").strip()
    return SecretStr(value) if value else None


def _content(path: Path, name: str) -> SecretStr | None:
    try:
        value = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file {path} of {name} cannot be read: {error}") from None
    return SecretStr(value) if value else None
