"""How Schemathesis asks a bridge: files as bytes, and ids that are often there."""

from typing import Any

import schemathesis

_IDS = 4


@schemathesis.serializer("image/jpeg", "image/png", "image/webp", "application/pdf")
def as_bytes(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook
def map_path_parameters(_: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """A store of a test has few rows; a number that is there tries more than one that is not."""
    if path_parameters and isinstance(number := path_parameters.get("id"), int):
        return {**path_parameters, "id": number % _IDS}
    return path_parameters
