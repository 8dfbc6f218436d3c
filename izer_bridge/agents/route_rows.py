"""An agent's call as a row of `agent_routing`."""

from datetime import datetime
from typing import Any

from izer_bridge.domain.work import Attempt, Work
from izer_bridge.store.text import clean


def attempt_row(work: Work, attempt: Attempt, now: datetime) -> dict[str, Any]:
    return {
        "webhook_message_id": work.row_id,
        "attempt_number": work.attempts + 1,
        "agent_type": attempt.agent,
        "agent_url": attempt.url,
        "routing_success": attempt.succeeded,
        "response_data": attempt.response,
        "response_time_ms": attempt.response_time_ms,
        "error_message": attempt.error and clean(attempt.error),
        "reason": clean(attempt.reason),
        "routed_at": now,
    }
