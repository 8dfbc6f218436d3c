"""Serves an agent over Agent2Agent: its card, and the endpoint that the card names.

It needs the extra `a2a`; the importer of this module tells the operator if that is missing.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from a2a.helpers import get_data_parts, get_text_parts, new_data_part, new_message, new_text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.request_handlers.response_helpers import agent_card_to_dict
from a2a.server.routes.jsonrpc_dispatcher import JsonRpcDispatcher
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    HTTPAuthSecurityScheme,
    SecurityRequirement,
    SecurityScheme,
    StringList,
)
from a2a.utils.constants import (
    AGENT_CARD_WELL_KNOWN_PATH,
    PROTOCOL_VERSION_CURRENT,
    TransportProtocol,
)
from a2a.utils.errors import (
    InternalError,
    InvalidParamsError,
    TaskNotCancelableError,
)
from aiohttp import web
from pydantic import SecretStr
from starlette.requests import Request

from izer_bridge import __version__
from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.ports import Agent
from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.message import Subject

ENDPOINT_PATH = "/a2a"
# The SDK logs faulty messages with their texts.
logging.getLogger("a2a").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Served:
    """An agent, and what its card says."""

    name: str
    description: str
    capabilities: Collection[str]
    agent: Agent


def card_of(served: Served, base_url: str, *, needs_token: bool) -> AgentCard:
    """The card: one skill per capability, JSON-RPC without streaming."""
    card = AgentCard(
        name=served.name,
        description=served.description,
        version=__version__,
        supported_interfaces=[
            AgentInterface(
                url=f"{base_url.rstrip('/')}{ENDPOINT_PATH}",
                protocol_binding=TransportProtocol.JSONRPC.value,
                protocol_version=PROTOCOL_VERSION_CURRENT,
            )
        ],
        capabilities=AgentCapabilities(streaming=False, push_notifications=False),
        default_input_modes=["text/plain", "application/json"],
        default_output_modes=["text/plain", "application/json"],
        skills=[
            AgentSkill(id=one, name=one, description=f"{served.name}: {one}", tags=[one])
            for one in served.capabilities
        ],
    )
    if needs_token:
        bearer = HTTPAuthSecurityScheme(scheme="Bearer")
        card.security_schemes["bearer"].CopyFrom(SecurityScheme(http_auth_security_scheme=bearer))
        requirement = SecurityRequirement()
        requirement.schemes["bearer"].CopyFrom(StringList())
        card.security_requirements.append(requirement)
    return card


def a2a_routes(
    served: Served, base_url: Callable[[], str], tokens: Collection[SecretStr] = ()
) -> list[web.RouteDef]:
    """Routes for the aiohttp application that serves the agent: its card and its endpoint.

    `base_url` returns this server's address, once it listens. With `tokens` a message needs one of
    them as its bearer token; the card is open to everybody.
    """
    # The SDK reads only the capabilities from its card.
    card = card_of(served, "", needs_token=bool(tokens))
    handler = DefaultRequestHandler(_Executor(served.agent), InMemoryTaskStore(), card)
    dispatcher = JsonRpcDispatcher(handler, enable_v0_3_compat=True)

    async def show(_: web.Request) -> web.Response:
        shown = card_of(served, base_url(), needs_token=bool(tokens))
        return web.json_response(agent_card_to_dict(shown))

    async def take(request: web.Request) -> web.Response:
        if tokens and not _is_allowed(request.headers.get("Authorization", ""), tokens):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        answer = await dispatcher.handle_requests(_as_starlette(request, await request.read()))
        return web.Response(
            body=bytes(answer.body),
            status=answer.status_code,
            content_type="application/json",
        )

    return [web.get(AGENT_CARD_WELL_KNOWN_PATH, show), web.post(ENDPOINT_PATH, take)]


def _is_allowed(header: str, tokens: Collection[SecretStr]) -> bool:
    scheme, _, given = header.partition(" ")
    expected = [token.get_secret_value().encode() for token in tokens]
    found = [hmac.compare_digest(given.strip().encode(), token) for token in expected]
    return scheme.casefold() == "bearer" and any(found)


def _as_starlette(request: web.Request, body: bytes) -> Request:
    """The SDK reads another framework's requests; it needs only headers and body."""
    scope = {
        "type": "http",
        "method": request.method,
        "path": request.path,
        "query_string": request.query_string.encode(),
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
    }
    return Request(scope, _receiver(body))


def _receiver(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


class _Executor(AgentExecutor):
    """Answers a message with a message: there is no task to come back to."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        message = context.message
        if message is None:
            raise InvalidParamsError("expected a message")
        words = "\n".join(get_text_parts(message.parts))
        given = [one for one in get_data_parts(message.parts) if isinstance(one, dict)]
        body = _whole(given[0]) if given else _body_of(words, message.message_id)
        try:
            answer = await self._agent.process(body, _key_of(body, message.message_id))
        except PermanentError as error:
            raise InvalidParamsError(str(error)) from None
        except TransientError as error:
            raise InternalError(str(error)) from None
        reply = AgentAnswer.parse(answer).reply
        parts = [new_text_part(reply)] if reply else []
        parts.append(new_data_part(answer, media_type="application/json"))
        await event_queue.enqueue_event(new_message(parts, context_id=context.context_id))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise TaskNotCancelableError


def _key_of(body: Mapping[str, Any], message_id: str) -> str:
    key = body.get("idempotency_key")
    return key if isinstance(key, str) and key else message_id


def _whole(value: Any) -> Any:
    """Restores integers: a data part holds every number as a float."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _body_of(text: str, message_id: str) -> dict[str, Any]:
    """A `/process` body for a plain text, analysed locally."""
    if not text.strip():
        raise InvalidParamsError("expected a text part, or a data part with a /process body")
    now = datetime.now(UTC)
    subject = Subject(
        message_id=message_id,
        text=text,
        sent_at=now,
        chat_name="",
        phone_number="",
        is_group=False,
        is_vip=False,
        is_critical_group=False,
        history=(),
    )
    return {
        "message": {
            "message_id": message_id,
            "chat_time": now.isoformat(),
            "chat_name": "",
            "phone_number": "",
            "current_message": text,
            "history": [],
        },
        "analysis": local_analyser.analyse(subject).as_json(),
        "routing_info": {"routed_by": "a2a", "timestamp": now.isoformat(), "reason": "a2a"},
    }
