"""Agents over HTTP: one `POST {url}/process` per call, faults told apart, nothing retried."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr

from izer_bridge.domain.errors import BridgeError, PermanentError, TransientError
from izer_bridge.domain.idempotency import trace_id, traceparent
from izer_bridge.web.retry_after import retry_after_seconds
from izer_bridge.web.signing import signature, signers

log = structlog.get_logger(__name__)

LARGEST_ANSWER = 256 * 1024
# Stored JSON must pass MariaDB's check, which ends at 32 levels.
MOST_LEVELS = 24

_WORTH_RETRYING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


# The caller bounds the whole call.
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None)


class HttpAgent:
    """The agent `name` at `url`. The caller closes the session and sets the timeout.

    Each of `secrets` signs every call, so that the agent may know any of them.
    """

    def __init__(
        self,
        name: str,
        url: str,
        session: aiohttp.ClientSession,
        secrets: Sequence[SecretStr] = (),
        max_answer_bytes: int = LARGEST_ANSWER,
    ) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._session = session
        self._signers = signers(secrets)
        self._max_answer_bytes = max_answer_bytes

    @property
    def url(self) -> str | None:
        return self._url

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The agent's answer, a JSON object that can be stored.

        Raises TransientError (no connection, 408, 425, 429, 5xx) and PermanentError (any other
        status, a redirect, an answer that is too large or not a JSON object). The errors' texts
        contain nothing of the message or the answer.
        """
        try:
            status, retry_after, content = await self._post(json.dumps(body), idempotency_key)
        except aiohttp.InvalidURL:
            raise PermanentError(f"agent {self._name}: its URL cannot be called") from None
        except aiohttp.ClientError as error:
            raise TransientError(
                f"agent {self._name} cannot be reached: {type(error).__name__}"
            ) from None
        if not _is_success(status):
            raise failure_of_status(status, retry_after, self._name)
        return answer_of(content, self._name)

    async def _post(self, body: str, key: str) -> tuple[int, float | None, bytes]:
        now, span_id = datetime.now(UTC), token_hex(8)
        log.info("agent_called", agent=self._name, key=key, trace_id=trace_id(key), span_id=span_id)
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "traceparent": traceparent(key, span_id),
            **signature(self._signers, key, now, body),
        }
        async with self._session.post(
            f"{self._url}/process",
            data=body.encode(),
            headers=headers,
            allow_redirects=False,
            timeout=_NO_TIMEOUT,
        ) as response:
            content = await self._content(response) if _is_success(response.status) else b""
            retry_after = retry_after_seconds(response.headers.get("Retry-After"), now)
            return response.status, retry_after, content

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        content = bytearray()
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > self._max_answer_bytes:
                raise PermanentError(
                    f"agent {self._name} answered more than {self._max_answer_bytes} bytes"
                )
        return bytes(content)


def failure_of_status(status: int, asked_for: float | None, name: str) -> BridgeError:
    """What a status other than success means; `asked_for` is its `Retry-After` in seconds."""
    if 300 <= status < 400:
        return PermanentError(f"agent {name} answered a redirect ({status}); set its URL")
    message = f"agent {name} answered {status}"
    if status >= 500 or status in _WORTH_RETRYING:
        return TransientError(message, retry_after_seconds=asked_for)
    return PermanentError(message)


def answer_of(content: bytes, name: str) -> dict[str, Any]:
    """The answer of the agent `name`. Raises PermanentError if it is not a storable object."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise PermanentError(f"agent {name} answered no valid JSON") from None
    return storable(answer, name)


def storable(answer: object, name: str) -> dict[str, Any]:
    """The answer in a form that every store can keep. Raises PermanentError if there is none."""
    try:
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise PermanentError(f"agent {name} answered no valid JSON") from None
    if not isinstance(answer, dict):
        raise PermanentError(f"agent {name} answered no JSON object")
    if _is_deeper_than(MOST_LEVELS, answer):
        raise PermanentError(f"agent {name} answered more than {MOST_LEVELS} levels")
    return answer


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _is_deeper_than(levels: int, value: object) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    items = value.values() if isinstance(value, dict) else value
    return any(_is_deeper_than(levels - 1, item) for item in items)
