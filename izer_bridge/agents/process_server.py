"""Serves one agent: `POST /process` and `GET /health`; with keys it checks signatures."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from izer_bridge.agents.ports import Agent
from izer_bridge.web.access import ACCESS, ANYBODY, admit, harden
from izer_bridge.web.bodies import BODIES, Bodies
from izer_bridge.web.json_body import decode
from izer_bridge.web.problem_answers import answer_problems
from izer_bridge.web.problems import ProblemError

LARGEST_BODY = 1024**2
LONGEST_KEY = 255


def agent_application(
    name: str, agent: Agent, capabilities: Sequence[str], verifiers: Sequence[Webhook] = ()
) -> web.Application:
    """The application of the agent `name`; without `verifiers` unsigned calls are answered."""
    served = _Served(name, agent, tuple(capabilities), tuple(verifiers))
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[answer_problems, admit])
    app[ACCESS], app[BODIES] = ANYBODY, Bodies()
    app.on_response_prepare.append(harden)
    app.router.add_post("/process", served.process, name="process")
    app.router.add_get("/health", served.health, name="health")
    return app


@dataclass(frozen=True, slots=True)
class _Served:
    name: str
    agent: Agent
    capabilities: tuple[str, ...]
    verifiers: tuple[Webhook, ...]

    async def process(self, request: web.Request) -> web.Response:
        with ExitStack() as place:
            content = await request.app[BODIES].read(request, place)
        if self.verifiers and not self._is_signed(content, request):
            raise ProblemError(HTTPStatus.UNAUTHORIZED, "the signature is missing, wrong or old")
        body = decode(content)
        return web.json_response(await self.agent.process(body, _key(request, body)))

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "status": "ok",
                "service": self.name,
                "capabilities": self.capabilities,
                "timestamp": datetime.now(UTC).isoformat(),
            }
        )

    def _is_signed(self, content: bytes, request: web.Request) -> bool:
        return any(_verifies(one, content, request) for one in self.verifiers)


def _verifies(verifier: Webhook, content: bytes, request: web.Request) -> bool:
    try:
        verifier.verify(content, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        # ValueError: not UTF-8, not base64, or not a list of signatures.
        return False
    return True


def _key(request: web.Request, body: dict[str, Any]) -> str:
    """The contract's key, else the header; empty if there is none."""
    key = body.get("idempotency_key") or request.headers.get("Idempotency-Key", "")
    if not isinstance(key, str) or len(key) > LONGEST_KEY:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"idempotency_key: expected a string of at most {LONGEST_KEY} characters",
        )
    return key
