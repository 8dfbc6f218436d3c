"""Settings as they may be shown and kept: without secrets."""

import re
from typing import Any

from izer_bridge.config.settings import Config

_LOGIN = re.compile(r"(?<=://)[^/@\s]*@")
_SECRET_KEY = re.compile(r"(?:^|_)(?:key|password|secret|token)s?$")
_HIDDEN = "…"


def redacted(config: Config) -> dict[str, Any]:
    """What differs from the defaults, as JSON knows it; logins and secrets are `…`."""
    shown = config.model_dump(mode="json", exclude_defaults=True)
    return {key: _without_secrets(key, value) for key, value in shown.items()}


def _without_secrets(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key):
        return _HIDDEN
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets("", one) for one in value]
    return _LOGIN.sub(f"{_HIDDEN}@", value) if isinstance(value, str) else value
