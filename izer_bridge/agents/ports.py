"""The interface of an agent."""

from typing import Any, Protocol


class Agent(Protocol):
    """Takes a `/process` body and returns a JSON object. Raises TransientError, PermanentError."""

    @property
    def url(self) -> str | None: ...

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]: ...
