"""Where secrets come from: systemd's credentials, files that are named, the environment."""

import os
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.model.errors import ConfigError


def openai_key() -> SecretStr | None:
    """The key from systemd's credentials, then `OPENAI_API_KEY_FILE`, then `OPENAI_API_KEY`.

    Raises ConfigError when a file that is named cannot be read.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory and (credential := Path(directory, "openai_api_key")).is_file():
        return _secret(credential)
    if named := os.environ.get("OPENAI_API_KEY_FILE"):
        return _secret(Path(named))
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    return SecretStr(key) if key else None


def _secret(path: Path) -> SecretStr | None:
    try:
        key = path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"the OpenAI key's file {path} cannot be read: {error}") from None
    return SecretStr(key) if key else None
