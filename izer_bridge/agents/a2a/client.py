"""Agents that speak Agent2Agent: one message per call, faults told apart, nothing retried.

It needs the extra `a2a`; the importer of this module tells the operator if that is missing.
"""

import logging
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from a2a.client import A2ACardResolver, ClientCallContext, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.helpers import get_data_parts, get_text_parts, new_data_part, new_text_part
from a2a.types import (
    AgentCard,
    Message,
    Role,
    SendMessageRequest,
    StreamResponse,
    Task,
    TaskState,
)
from a2a.utils.constants import TransportProtocol
from a2a.utils.errors import A2AError, InternalError
from google.protobuf.message import Error as ProtobufError
from pydantic import SecretStr

from izer_bridge.agents.http_agent import LARGEST_ANSWER, failure_of_status, storable
from izer_bridge.domain.errors import BridgeError, PermanentError, TransientError
from izer_bridge.domain.idempotency import trace_id, traceparent
from izer_bridge.web.retry_after import retry_after_seconds

log = structlog.get_logger(__name__)
# The SDK logs cards and faulty messages with their texts.
logging.getLogger("a2a").setLevel(logging.CRITICAL + 1)

_WITH_A_WORD = (TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_INPUT_REQUIRED)
_UNDER_WAY = (TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING)


class A2aAgent:
    """The agent `name`, whose card is below `url`; the timeout is the caller's.

    Only the host in `url` is called, whatever the card says. `token` is sent as a bearer token.
    `close` it at the end.
    """

    def __init__(
        self,
        name: str,
        url: str,
        token: SecretStr | None = None,
        max_answer_bytes: int = LARGEST_ANSWER,
    ) -> None:
        self._name = name
        self._url = url.rstrip("/")
        headers = {"Accept-Encoding": "identity"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        self._http = httpx.AsyncClient(
            transport=_Bounded(name, httpx.URL(self._url), max_answer_bytes),
            headers=headers,
            timeout=None,  # noqa: S113
            trust_env=False,
        )
        bindings = [TransportProtocol.JSONRPC, TransportProtocol.HTTP_JSON]
        self._clients = ClientFactory(
            ClientConfig(
                streaming=False,
                httpx_client=self._http,
                supported_protocol_bindings=[str(one.value) for one in bindings],
            )
        )
        self._card: AgentCard | None = None

    @property
    def url(self) -> str | None:
        return self._url

    async def close(self) -> None:
        await self._http.aclose()

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The agent's answer in the contract's form: its data, and its words as `reply`.

        Raises TransientError (no connection, 408, 425, 429, 5xx, an internal error, an unfinished
        task) and PermanentError. The errors' texts contain nothing of the message or the answer.
        """
        try:
            if self._card is None:
                self._card = await A2ACardResolver(self._http, self._url).get_agent_card()
            response = await self._send(self._card, body, idempotency_key)
        except BridgeError:
            raise
        except A2AError as error:
            raise self._failure(error) from None
        # For an invalid card or answer the SDK raises many types.
        except (ValueError, TypeError, KeyError, AttributeError, ProtobufError) as error:
            raise PermanentError(
                f"agent {self._name} does not speak Agent2Agent: {type(error).__name__}"
            ) from None
        return storable(self._answer(response), self._name)

    async def _send(self, card: AgentCard, body: dict[str, Any], key: str) -> StreamResponse:
        span_id = secrets.token_hex(8)
        log.info("agent_called", agent=self._name, key=key, trace_id=trace_id(key), span_id=span_id)
        message = Message(
            message_id=key,
            role=Role.ROLE_USER,
            parts=[
                new_text_part(body["message"]["current_message"]),
                new_data_part(body, media_type="application/json"),
            ],
        )
        headers = {"traceparent": traceparent(key, span_id)}
        client = self._clients.create(card)
        responses = client.send_message(
            SendMessageRequest(message=message),
            context=ClientCallContext(service_parameters=headers),
        )
        return await anext(aiter(responses))

    def _answer(self, response: StreamResponse) -> dict[str, Any]:
        if response.HasField("message"):
            return _answer_of([response.message])
        task = response.task
        if task.status.state in _WITH_A_WORD:
            answer = _answer_of([*task.artifacts, task.status.message])
            if task.status.state == TaskState.TASK_STATE_INPUT_REQUIRED:
                answer.setdefault("needs_human", True)
            return answer
        raise self._unfinished(task)

    def _unfinished(self, task: Task) -> BridgeError:
        state = TaskState.Name(task.status.state).removeprefix("TASK_STATE_").lower()
        message = f"agent {self._name}: its task is {state}"
        is_under_way = task.status.state in _UNDER_WAY
        return TransientError(message) if is_under_way else PermanentError(message)

    def _failure(self, error: A2AError) -> BridgeError:
        """The cause that the SDK wraps: a status, no connection, or an error from the agent."""
        cause = error.__cause__
        if isinstance(cause, httpx.HTTPStatusError):
            if cause.response.status_code == HTTPStatus.NOT_FOUND:
                self._card = None
            asked_for = retry_after_seconds(
                cause.response.headers.get("Retry-After"), datetime.now(UTC)
            )
            return failure_of_status(cause.response.status_code, asked_for, self._name)
        if isinstance(cause, httpx.RequestError):
            return TransientError(f"agent {self._name} cannot be reached: {type(cause).__name__}")
        if isinstance(error, InternalError):
            return TransientError(f"agent {self._name} answered an internal error")
        if isinstance(error, A2AClientError):
            return PermanentError(f"agent {self._name} does not speak Agent2Agent")
        return PermanentError(f"agent {self._name} refused: {type(error).__name__}")


def _answer_of(sources: list[Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    words: list[str] = []
    for source in sources:
        for data in get_data_parts(source.parts):
            if isinstance(data, dict):
                answer |= data
        words += get_text_parts(source.parts)
    if words and "reply" not in answer:
        answer["reply"] = "\n".join(words)
    return answer


class _Bounded(httpx.AsyncBaseTransport):
    """Refuses hosts other than `base`'s, and answers that are too large or compressed."""

    def __init__(self, name: str, base: httpx.URL, most_bytes: int) -> None:
        self._name = name
        self._base = base
        self._most_bytes = most_bytes
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if _origin(request.url) != _origin(self._base):
            raise PermanentError(f"agent {self._name}: its card names another host than its url")
        response = await self._inner.handle_async_request(request)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await response.aclose()
            raise PermanentError(f"agent {self._name} answered compressed, which is not asked for")
        stream = _Counted(response, self._most_bytes, self._too_large)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=stream,
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _too_large(self) -> PermanentError:
        return PermanentError(f"agent {self._name} answered more than {self._most_bytes} bytes")


class _Counted(httpx.AsyncByteStream):
    """A response's bytes, up to a limit."""

    def __init__(
        self, response: httpx.Response, most_bytes: int, too_large: Callable[[], PermanentError]
    ) -> None:
        self._response = response
        self._left = most_bytes
        self._too_large = too_large

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_raw():
            self._left -= len(chunk)
            if self._left < 0:
                raise self._too_large()
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
