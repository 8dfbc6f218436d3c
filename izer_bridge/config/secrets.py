"""Where secrets come from: systemd's credentials, named files, the environment."""

import os
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from izer_bridge.domain.errors import ConfigError

# What Standard Webhooks requires of a signing secret, in bytes.
_FEWEST_BYTES, _MOST_BYTES = 24, 64
_FILE = "_FILE"
_HELD: dict[str, SecretStr | None] = {}


def openai_key() -> SecretStr | None:
    """The key from systemd's credentials, then `OPENAI_API_KEY_FILE`, then `OPENAI_API_KEY`.

    Raises ConfigError if a named file cannot be read.
    """
    return secret("openai_api_key")


def hold() -> None:
    """Read files' secrets now: after root has dropped its rights, it may no longer be able to."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    files = {path.name: path for path in Path(directory).iterdir()} if directory else {}
    for variable, value in os.environ.items():
        if variable.endswith(_FILE):
            files.setdefault(variable.removesuffix(_FILE).lower(), Path(value))
    for name, path in files.items():
        if path.is_file():
            # Whoever asks for it gets the error.
            with suppress(ConfigError):
                _HELD[name] = secret(name)


def secret(name: str) -> SecretStr | None:
    """The credential `name`, then the file that `NAME_FILE` names, then the variable `NAME`.

    None if there is none. An empty credential is what the units hand over of a secret that is not
    set: then the others count. Raises ConfigError if a named file cannot be read.
    """
    if name in _HELD:
        return _HELD[name]
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(directory, name) if directory else None
    if credential and credential.is_file() and (given := _read(name, credential)):
        return given
    if named := os.environ.get(f"{name.upper()}{_FILE}"):
        return _read(name, Path(named))
    value = os.environ.get(name.upper(), "").strip()
    return SecretStr(value) if value else None


def signing_secrets(names: Sequence[str]) -> tuple[SecretStr, ...]:
    """Secrets for Standard Webhooks by their names: base64 of 24 to 64 bytes, after `whsec_`.

    Raises ConfigError that names a missing or invalid secret.
    """
    found = []
    for name in names:
        value = secret(name)
        if value is None:
            raise ConfigError(
                f"there is no secret {name}; give the credential {name}, {name.upper()}_FILE or "
                f"{name.upper()}"
            )
        if not _is_for_signing(value.get_secret_value()):
            raise ConfigError(
                f"the secret {name} must be whsec_ and base64 of {_FEWEST_BYTES} to {_MOST_BYTES} "
                "bytes; make one: echo whsec_$(openssl rand -base64 32)"
            )
        found.append(value)
    return tuple(found)


def _is_for_signing(value: str) -> bool:
    try:
        key = b64decode(value.removeprefix("whsec_") + "==", validate=False)
    except ValueError:
        return False
    return value.startswith("whsec_") and _FEWEST_BYTES <= len(key) <= _MOST_BYTES


def _read(name: str, path: Path) -> SecretStr | None:
    try:
        value = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file {path} of the secret {name} cannot be read: {error}") from None
    return SecretStr(value) if value else None
