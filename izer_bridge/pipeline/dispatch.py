"""Calls the agent that routing chose, in the replaced system's words."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from izer_bridge.model.analysis import Analysis
from izer_bridge.model.errors import BridgeError, PermanentError, TransientError
from izer_bridge.model.message import HistoryEntry, Subject
from izer_bridge.model.routing import Route
from izer_bridge.pipeline.ports import Agent, Attempt


def request_body(
    subject: Subject, analysis: Analysis, route: Route, now: datetime
) -> dict[str, Any]:
    """The body of `POST /process`, as the replaced system sent it."""
    return {
        "message": {
            "message_id": subject.message_id,
            "chat_time": subject.sent_at.isoformat(),
            "chat_name": subject.chat_name,
            "phone_number": subject.phone_number,
            "current_message": subject.text,
            "history": [_history_item(entry) for entry in subject.history],
        },
        "analysis": analysis.as_json(),
        "routing_info": {
            "routed_by": "izer-bridge",
            "timestamp": now.isoformat(),
            "reason": route.reason,
        },
    }


def _history_item(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "sender": entry.sender,
        "content": entry.content,
        "timestamp": entry.sent_at.isoformat(),
        "type": entry.kind,
        "fromMe": entry.from_me,
    }


async def call(
    agent: Agent,
    route: Route,
    body: dict[str, Any],
    idempotency_key: str,
    milliseconds: Callable[[], float],
) -> tuple[Attempt, BridgeError | None]:
    """Try once. The attempt is a row to be written whatever came of it; the error says if again."""
    started = milliseconds()
    response, error = None, None
    try:
        response = await agent.process(body, idempotency_key)
    except (TransientError, PermanentError) as failure:
        error = failure
    attempt = Attempt(
        agent=route.agent,
        url=agent.url,
        reason=route.reason,
        succeeded=error is None,
        response=response,
        response_time_ms=round(milliseconds() - started),
        error=None if error is None else str(error),
    )
    return attempt, error
