"""The interface through which routes decide drafts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.replies.owner_verdict import Decided, OwnerDecision

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A proposed reply. `asked` is the customer's message, `corrected` replaces `text`."""

    id: int
    chat_id: int | None
    state: OutboxState
    chat_name: str
    asked: str = field(repr=False)
    text: str = field(repr=False)
    corrected: str | None = field(repr=False)
    agent: str
    confidence: float | None
    reason: str
    created_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    error: str | None


def log_decision(row_id: int, decision: OwnerDecision, decided: Decided) -> None:
    """Who has decided it, and what came of it; none of its words."""
    log.info(
        "draft_decided",
        outbox=row_id,
        by=decision.by,
        verdict=str(decision.verdict),
        outcome=str(decided.outcome),
    )


class DraftDesk(Protocol):
    """Where a person decides drafts. All methods raise TransientError if the store is away."""

    async def open(self, limit: int | None = None, after: int = 0) -> Sequence[DraftRow]:
        """Those that wait for a person, oldest first; `limit` of them after the id `after`."""
        ...

    async def get(self, row_id: int) -> DraftRow:
        """Raises LookupError if there is none."""
        ...

    async def decide(self, row_id: int, decision: OwnerDecision) -> Decided:
        """Raises LookupError if there is none, ValueError for a text that cannot be sent."""
        ...
