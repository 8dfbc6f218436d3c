"""`POST /webhook`: accepts a message as the replaced system did, and gives its answer."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from izer_bridge.domain.message_state import PENDING
from izer_bridge.domain.work import Attempt, MessageProgress
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.web.access import ACCESS
from izer_bridge.web.bodies import BODIES, LARGEST_TEXT_BODY
from izer_bridge.web.json_body import decode
from izer_bridge.webhook.body import read_webhook
from izer_bridge.webhook.ports import Intake

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Waits at most `wait_seconds` for a message to be worked before it answers 202.

    A file of `most_file_bytes` fits into a request, in base64.
    """

    intake: Intake
    wait_seconds: float
    most_file_bytes: int = 0

    @property
    def largest_body(self) -> int:
        return LARGEST_TEXT_BODY + (self.most_file_bytes + 2) // 3 * 4

    async def post(self, request: web.Request) -> web.Response:
        """200 with the legacy answer, or 202 while analysis or agent are still to come."""
        with ExitStack() as place:
            webhook = await self._taken(request, place)
            message_id = webhook.message.message_id
            worked = self.intake.submit(webhook, self.wait_seconds, place.close)
            # A request that waits for an agent holds no file meanwhile.
            del webhook
            outcome = await worked
        status = HTTPStatus.OK if is_complete(outcome) else HTTPStatus.ACCEPTED
        _log.info(
            "webhook_answered", row_id=outcome.row_id, state=str(outcome.state), status=int(status)
        )
        return web.json_response(render(message_id, outcome), status=status)

    async def _taken(self, request: web.Request, place: ExitStack) -> WebhookMessage:
        body = await request.app[BODIES].read(request, place, self.largest_body)
        if (signatures := request.app[ACCESS].signatures) is not None:
            signatures.check(request.headers, body)
        # In a thread if it contains a file: that takes longer than others should wait.
        is_large = len(body) > LARGEST_TEXT_BODY
        return await asyncio.to_thread(_read, body) if is_large else _read(body)


def _read(body: bytes) -> WebhookMessage:
    return read_webhook(decode(body))


def is_complete(outcome: MessageProgress) -> bool:
    """Whether every part of the legacy answer is there.

    An agent that failed and will be called again is a complete answer, as it was in legacy:
    `routing.success` is false and `state` says that the message is not settled.
    """
    return outcome.state not in PENDING or (
        outcome.analysis is not None and outcome.attempt is not None
    )


def render(message_id: str, outcome: MessageProgress) -> dict[str, Any]:
    """The legacy answer with the ledger's `state`; `analysis` is null if there is none."""
    answer: dict[str, Any] = {
        "success": True,
        "message_id": message_id,
        "database_id": outcome.row_id,
        "state": str(outcome.state),
        "analysis": outcome.analysis.as_json() if outcome.analysis else None,
        "routing": _routing(outcome),
        "processed_at": outcome.updated_at.isoformat(),
    }
    if outcome.skip_reason is not None:
        answer["skip_reason"] = str(outcome.skip_reason)
    if outcome.words is not None:
        answer["analysed_message"] = outcome.words
    return answer


def _routing(outcome: MessageProgress) -> dict[str, Any]:
    attempt = outcome.attempt
    if attempt is None:
        return {"success": False, "error": outcome.error or f"no agent called: {outcome.state}"}
    if attempt.succeeded:
        return _called(attempt) | {"response": attempt.response or {}}
    return _called(attempt) | {"error": attempt.error or "the agent failed"}


def _called(attempt: Attempt) -> dict[str, Any]:
    return {"success": attempt.succeeded, "agent": attempt.agent, "reason": attempt.reason}
