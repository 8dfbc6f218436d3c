"""A settings value without its secrets; it knows no setting."""

import re
from typing import Any

from izer_bridge.domain.identity import redact

PERSON = re.compile(r"\+\d{7,15}|\d+@(lid|s\.whatsapp\.net)")
# The beginning of a secret entered where a secret's name belongs.
_SIGNING = ("whsec_", "sk-")
_HIDDEN = "…"


def without_secrets(key: str, value: Any) -> Any:
    """The value without a URL's secrets and without people's identities."""
    if isinstance(value, list):
        return [without_secrets(key, one) for one in value]
    if isinstance(value, dict):
        return {name: without_secrets(f"{key}.{name}", one) for name, one in value.items()}
    if not isinstance(value, str):
        return value
    if PERSON.fullmatch(value):
        return redact(value)
    if value.startswith(_SIGNING):
        return _HIDDEN
    return _without_path(value)


def _without_path(text: str) -> str:
    """A URL's scheme and host: the rest may be what authorises its user.

    The file of an embedded store is not a secret, and operators look for it.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    if scheme == "sqlite":
        return text.partition("?")[0]
    place, end, more = rest.replace("?", "/").replace("#", "/").partition("/")
    if "@" in more:  # nobody can say where a password ends that contains a slash
        return f"{scheme}://{_HIDDEN}"
    login = f"{_HIDDEN}@" if "@" in place else ""
    return f"{scheme}://{login}{place.rpartition('@')[2]}" + (f"/{_HIDDEN}" if more else end)
