"""Agent2Agent as client and server: our client on our server, and on misbehaving servers."""

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from a2a.client import A2ACardResolver, ClientConfig, create_client
from a2a.helpers import (
    get_data_parts,
    get_message_text,
    new_message,
    new_task_from_user_message,
    new_text_part,
)
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.request_handlers.response_helpers import agent_card_to_dict
from a2a.server.routes.jsonrpc_dispatcher import JsonRpcDispatcher
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import Message, Part, Role, SendMessageRequest, TaskState
from a2a.utils.errors import UnsupportedOperationError
from aiohttp import web
from pydantic import SecretStr

from izer_bridge.agents.a2a.client import A2aAgent
from izer_bridge.agents.a2a.server import ENDPOINT_PATH, Served, _as_starlette, a2a_routes, card_of
from izer_bridge.agents.http_agent import LARGEST_ANSWER
from izer_bridge.domain.errors import PermanentError, TransientError
from tests.servers.mariadb import free_port

CARD_PATH = "/.well-known/agent-card.json"
ANSWER = {"reply": "Merhaba", "confidence": 0.5, "actions": [{"type": "call", "minutes": 5}]}
BODY = {
    "version": 1,
    "idempotency_key": "msg_1",
    "message": {"current_message": "Bisikletimin freni 🚲", "phone_number": "+905551112233"},
    "analysis": {"urgency_score": 9},
    "routing_info": {"routed_by": "izer-bridge", "timestamp": "…", "reason": "default"},
}


class Remembering:
    """An agent that records its calls, and answers or raises as instructed."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, Any], str]] = []
        self.failure: Exception | None = None
        self.url: str | None = None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        self.got.append((body, idempotency_key))
        if self.failure is not None:
            raise self.failure
        return dict(ANSWER)


@asynccontextmanager
async def serving(
    routes: Callable[[str], Sequence[web.AbstractRouteDef]],
) -> AsyncIterator[str]:
    """A server at the URL that it passes to `routes`."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app.add_routes(routes(url))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield url
    await runner.cleanup()


@asynccontextmanager
async def calling(url: str, token: SecretStr | None = None) -> AsyncIterator[A2aAgent]:
    agent = A2aAgent("chef", url, token)
    yield agent
    await agent.close()


def served(agent: Remembering) -> Served:
    return Served("chef", "Cooks.", ("cooking", "baking"), agent)


@pytest.fixture
def remembering() -> Remembering:
    return Remembering()


@pytest.fixture
async def url(remembering: Remembering) -> AsyncIterator[str]:
    async with serving(lambda url: a2a_routes(served(remembering), lambda: url)) as url:
        yield url


async def test_the_card_says_what_the_agent_can_do(url: str) -> None:
    async with httpx.AsyncClient() as http:
        card = await A2ACardResolver(http, url).get_agent_card()
    assert (card.name, card.description) == ("chef", "Cooks.")
    assert [skill.id for skill in card.skills] == ["cooking", "baking"]
    assert [one.url for one in card.supported_interfaces] == [f"{url}{ENDPOINT_PATH}"]
    assert not card.capabilities.streaming


async def test_the_sdks_own_client_gets_an_answer_to_mere_words(
    url: str, remembering: Remembering
) -> None:
    message = Message(message_id="1", role=Role.ROLE_USER, parts=[new_text_part("Fren tutmuyor!")])
    # The first message loads the analyser; the library's own patience is five seconds.
    async with httpx.AsyncClient(timeout=60) as http:
        client = await create_client(url, ClientConfig(streaming=False, httpx_client=http))
        [response] = [one async for one in client.send_message(SendMessageRequest(message=message))]
        await client.close()
    assert get_message_text(response.message) == "Merhaba"
    assert get_data_parts(response.message.parts) == [ANSWER]
    [(body, key)] = remembering.got
    assert key == "1"
    assert body["message"]["current_message"] == "Fren tutmuyor!"
    assert body["analysis"]["category"] == "technical"


async def test_an_a2a_agent_is_an_agent(url: str, remembering: Remembering) -> None:
    async with calling(url) as agent:
        assert agent.url == url
        assert await agent.process(BODY, "msg_1") == ANSWER
        assert await agent.process(BODY, "msg_1") == ANSWER
    assert remembering.got == [(BODY, "msg_1")] * 2
    assert isinstance(remembering.got[0][0]["analysis"]["urgency_score"], int)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (TransientError("away"), TransientError),
        (PermanentError("message: expected an object"), PermanentError),
        (RuntimeError("bug"), TransientError),
    ],
)
async def test_whose_fault_it_is_comes_over(
    url: str, remembering: Remembering, failure: Exception, expected: type[Exception]
) -> None:
    remembering.failure = failure
    async with calling(url) as agent:
        with pytest.raises(expected, match="agent chef"):
            await agent.process(BODY, "msg_1")


async def test_a_token_is_asked_for_and_may_be_rotated(remembering: Remembering) -> None:
    tokens = [SecretStr("new"), SecretStr("old")]
    async with serving(lambda url: a2a_routes(served(remembering), lambda: url, tokens)) as url:
        for token in tokens:
            async with calling(url, token) as agent:
                assert await agent.process(BODY, "msg_1") == ANSWER
        for wrong in (None, SecretStr("other")):
            async with calling(url, wrong) as agent:
                with pytest.raises(PermanentError, match="chef answered 401"):
                    await agent.process(BODY, "msg_1")
    assert len(remembering.got) == 2


class ByTask(AgentExecutor):
    """Works on a task instead of answering with a message, and leaves it in `state`."""

    def __init__(self, state: TaskState) -> None:
        self.state = state

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.message is not None
        task = context.current_task or new_task_from_user_message(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.add_artifact([Part(text="Hazır")], name="answer")
        words = new_message([new_text_part("Hangi model?")], task.context_id, task.id)
        await updater.update_status(self.state, words)

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise UnsupportedOperationError


def task_routes(state: TaskState) -> Callable[[str], Sequence[web.AbstractRouteDef]]:
    def routes(url: str) -> Sequence[web.AbstractRouteDef]:
        card = card_of(served(Remembering()), url, needs_token=False)
        handler = DefaultRequestHandler(ByTask(state), InMemoryTaskStore(), card)
        dispatcher = JsonRpcDispatcher(handler)

        async def take(request: web.Request) -> web.Response:
            answer = await dispatcher.handle_requests(_as_starlette(request, await request.read()))
            return web.Response(body=bytes(answer.body), content_type="application/json")

        return [card_route(agent_card_to_dict(card)), web.post(ENDPOINT_PATH, take)]

    return routes


async def test_an_agent_of_the_version_before_is_called_as_well() -> None:
    remembering = Remembering()

    def routes(url: str) -> Sequence[web.AbstractRouteDef]:
        [_, endpoint] = a2a_routes(served(remembering), lambda: url)
        card = {
            "protocolVersion": "0.3.0",
            "name": "chef",
            "description": "Cooks.",
            "version": "1",
            "url": f"{url}{ENDPOINT_PATH}",
            "preferredTransport": "JSONRPC",
            "capabilities": {},
            "defaultInputModes": ["text/plain"],
            "defaultOutputModes": ["text/plain"],
            "skills": [],
        }
        return [card_route(card), endpoint]

    async with serving(routes) as url, calling(url) as agent:
        assert await agent.process(BODY, "msg_1") == ANSWER
    assert remembering.got == [(BODY, "msg_1")]


def card_route(card: Any) -> web.RouteDef:
    async def show(_: web.Request) -> web.Response:
        return web.json_response(card)

    return web.get(CARD_PATH, show)


async def test_a_tasks_words_are_the_answer() -> None:
    async with serving(task_routes(TaskState.TASK_STATE_COMPLETED)) as url, calling(url) as agent:
        assert await agent.process(BODY, "msg_1") == {"reply": "Hazır\nHangi model?"}


async def test_a_task_that_asks_is_for_a_person_as_well() -> None:
    asks = TaskState.TASK_STATE_INPUT_REQUIRED
    async with serving(task_routes(asks)) as url, calling(url) as agent:
        answer = await agent.process(BODY, "msg_1")
    assert answer == {"reply": "Hazır\nHangi model?", "needs_human": True}


@pytest.mark.parametrize("state", [TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_REJECTED])
async def test_a_task_that_failed_is_no_answer(state: TaskState) -> None:
    async with serving(task_routes(state)) as url, calling(url) as agent:
        with pytest.raises(PermanentError, match=r"its task is (failed|rejected)"):
            await agent.process(BODY, "msg_1")


Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answering(take: Answering) -> Callable[[str], Sequence[web.AbstractRouteDef]]:
    def routes(url: str) -> Sequence[web.AbstractRouteDef]:
        card = agent_card_to_dict(card_of(served(Remembering()), url, needs_token=False))
        return [card_route(card), web.post(ENDPOINT_PATH, take)]

    return routes


def fixed(body: bytes, status: int = 200, **headers: str) -> Answering:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def take(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=named)

    return take


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" " * 65_536)


@pytest.mark.parametrize(
    ("take", "expected", "said"),
    [
        (fixed(b"", 503, Retry_After="7"), TransientError, "chef answered 503"),
        (fixed(b"", 429, Retry_After="7"), TransientError, "chef answered 429"),
        (fixed(b"", 400), PermanentError, "chef answered 400"),
        (fixed(b"", 307, Location="http://127.0.0.1:9/"), PermanentError, "a redirect"),
        (fixed(b"<html>"), PermanentError, "does not speak Agent2Agent"),
        (fixed(b"[]"), PermanentError, "does not speak Agent2Agent"),
        (fixed(b'{"jsonrpc": "2.0", "id": 1, "result": 7}'), PermanentError, "does not speak"),
        (fixed(b'{"jsonrpc": "2.0", "id": 1, "result": {}}'), PermanentError, "does not speak"),
        (fixed(b'{"jsonrpc": "2.0", "id": 1, "error": 7}'), PermanentError, "does not speak"),
        (
            fixed(b'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"fren"}}'),
            TransientError,
            "an internal error",
        ),
        (
            fixed(b'{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"fren"}}'),
            PermanentError,
            "refused: InvalidParamsError",
        ),
        (endless, PermanentError, f"more than {LARGEST_ANSWER} bytes"),
        (fixed(b" " * 50 * 1024**2), PermanentError, f"more than {LARGEST_ANSWER} bytes"),
        (
            fixed(gzip.compress(b" " * 50 * 1024**2), Content_Encoding="gzip"),
            PermanentError,
            "answered compressed",
        ),
    ],
)
async def test_what_goes_wrong_is_bounded_and_named(
    take: Answering, expected: type[TransientError | PermanentError], said: str
) -> None:
    async with serving(answering(take)) as url, calling(url) as agent:
        with pytest.raises(expected, match=said) as caught:
            await agent.process(BODY, "msg_1")
    assert "fren" not in str(caught.value)
    if isinstance(caught.value, TransientError) and "internal" not in said:
        assert caught.value.retry_after_seconds == 7


async def test_a_card_that_names_another_host_is_refused(remembering: Remembering) -> None:
    async with serving(lambda url: a2a_routes(served(remembering), lambda: url)) as elsewhere:
        card = agent_card_to_dict(card_of(served(remembering), elsewhere, needs_token=False))
        async with serving(lambda _: [card_route(card)]) as url, calling(url) as agent:
            with pytest.raises(PermanentError, match="names another host than its url"):
                await agent.process(BODY, "msg_1")
    assert remembering.got == []


@pytest.mark.parametrize("card", [[], {}, {"name": 7}, "chef", {"supportedInterfaces": [{}]}])
async def test_what_is_no_card_is_refused(card: Any) -> None:
    async with serving(lambda _: [card_route(card)]) as url, calling(url) as agent:
        with pytest.raises(PermanentError, match="chef does not speak Agent2Agent"):
            await agent.process(BODY, "msg_1")


async def test_nobody_listening_is_worth_trying_again() -> None:
    async with calling(f"http://127.0.0.1:{free_port()}") as agent:
        with pytest.raises(TransientError, match="chef cannot be reached: ConnectError"):
            await agent.process(BODY, "msg_1")
