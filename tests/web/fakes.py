"""Stand-ins for the daemon's parts behind the HTTP interface, and a valid request."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from izer_bridge.conditions.ports import Health, Sending
from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Attempt, MessageProgress
from izer_bridge.pipeline.ports import WebhookMessage

ANALYSIS = Analysis(
    urgency_score=9,
    category=Category.TECHNICAL,
    sentiment=Sentiment.URGENT,
    priority_level=Priority.CRITICAL,
    action_required=True,
    recommended_response_time=ResponseTime.IMMEDIATE,
    keywords=("fren",),
    business_context="Fren arızası",
    suggested_next_action="Hemen ara",
)
ATTEMPT = Attempt(
    agent="business_workflow",
    url=None,
    reason="category technical",
    succeeded=True,
    response={"reply": "Merhaba"},
    response_time_ms=3,
    error=None,
)
UPDATED_AT = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


def request_body(**changes: Any) -> dict[str, Any]:
    """A legacy request; `changes` replace its keys."""
    return {
        "message_id": "false_905551112233@c.us_3EB0",
        "chat_time": "2025-03-01T09:29:58.000Z",
        "chat_name": "Ayşe",
        "phone_number": "+90 555 111 22 33",
        "current_message": "Bisikletimin freni çalışmıyor, acil yardım lazım!",
        "history": [
            {
                "sender": "Ayşe",
                "content": "Merhaba",
                "timestamp": "2025-03-01T09:20:00Z",
                "type": "chat",
                "fromMe": False,
            }
        ],
    } | changes


@dataclass
class FakeIntake:
    """Remembers by message id, as the store does. `error` is raised instead of recording."""

    state: State = State.SETTLED
    analysis: Analysis | None = ANALYSIS
    attempt: Attempt | None = ATTEMPT
    error: Exception | None = None
    gate: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    submitted: list[WebhookMessage] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    outcomes: dict[str, MessageProgress] = field(default_factory=dict)

    async def submit(
        self,
        webhook: WebhookMessage,
        wait_seconds: float,
        is_recorded: Callable[[], None] = lambda: None,
    ) -> MessageProgress:
        if self.error is not None:
            raise self.error
        self.submitted.append(webhook)
        self.waits.append(wait_seconds)
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        new = MessageProgress(
            len(self.outcomes) + 1, self.state, UPDATED_AT, self.analysis, self.attempt
        )
        return self.outcomes.setdefault(webhook.message.message_id, new)


@dataclass
class FakeHealth:
    value: Health = field(
        default_factory=lambda: Health(
            link_state="connected",
            link_sentence="Linked as +90…33.",
            is_linked=True,
            is_store_ok=True,
            is_inbox_ok=True,
            inbox_depth=0,
            set_aside={"OverflowError": 1},
            last_event_age_seconds=1.5,
            version="1.2.3",
            uptime_seconds=60.0,
            open_gaps=0,
            sending=Sending(None, 2, 0),
        )
    )
    error: Exception | None = None

    async def health(self) -> Health:
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(frozen=True)
class SomeStats:
    total_messages: int = 5
    processed_messages: int = 3
    pending_messages: int = 1
    settled: int = 3
    by_category: dict[str, int] = field(default_factory=lambda: {"technical": 3})


@dataclass
class FakeStats:
    error: Exception | None = None

    async def stats(self) -> SomeStats:
        if self.error is not None:
            raise self.error
        return SomeStats()
