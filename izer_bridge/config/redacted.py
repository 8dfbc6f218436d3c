"""Settings in a form that may be stored beside the data: without secrets."""

import re
from typing import Any

from izer_bridge.config.concealed import without_secrets
from izer_bridge.config.settings import Config

_SECRET_KEY = re.compile(r"(?:^|_)(?:key|password|secret|token)s?$")
_HIDDEN = "…"


def redacted(config: Config) -> dict[str, Any]:
    """The non-default values as JSON; secrets and people are `…`, and only hosts remain of URLs."""
    shown = config.model_dump(mode="json", exclude_defaults=True)
    return {key: _without_secrets(key, value) for key, value in shown.items()}


def _without_secrets(key: str, value: Any) -> Any:
    name = key.rpartition(".")[2]
    if _SECRET_KEY.search(name):
        return _HIDDEN
    if isinstance(value, dict):
        return {inner: _without_secrets(f"{key}.{inner}", one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets(f"{key}.", one) for one in value]
    return without_secrets(key, value)
