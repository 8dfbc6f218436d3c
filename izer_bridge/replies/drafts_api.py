"""Drafts under `/v1`: those that wait, one of them, and a person's verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import Field

from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.sendable_text import LONGEST_TEXT
from izer_bridge.replies.draft_desk import DraftDesk, DraftRow, log_decision
from izer_bridge.replies.owner_verdict import (
    Decided,
    DecisionOutcome,
    OwnerDecision,
    OwnerVerdict,
)
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.web.paging import Page, cursor_of, place_of
from izer_bridge.web.problems import FieldError, ProblemError

_CLOSED = {
    HTTPStatus.CONFLICT: "It was decided otherwise before, or ended; the problem says by whom, "
    "when, and in which state it is. NoFields was changed."
}


class DraftTold(ToldFields):
    """A proposed reply. `chat_id` is its conversation; `corrected` is sent instead of `text`."""

    id: int
    chat_id: int | None
    state: OutboxState
    chat_name: str
    asked: str
    text: str
    corrected: str | None
    agent: str
    confidence: float | None
    reason: str
    created_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    error: str | None


class DraftList(ToldFields):
    items: Sequence[DraftTold]
    next_cursor: str | None


class DraftVerdict(ToldFields):
    """`already`: it was decided so before, by whom the draft says."""

    outcome: DecisionOutcome
    draft: DraftTold


class CorrectedDraft(AskedFields):
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


@dataclass(frozen=True, slots=True)
class DraftOperations:
    """`decided` hints that there may be something to send."""

    desk: DraftDesk
    decided: Callable[[], None]

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/drafts",
                "list_drafts",
                "The replies that wait for a person, oldest first.",
                self.list,
                answer=DraftList,
                query=Page,
            ),
            Operation(
                "GET",
                "/v1/drafts/{id}",
                "get_draft",
                "A draft in any state.",
                self.get,
                answer=DraftTold,
            ),
            Operation(
                "POST",
                "/v1/drafts/{id}/approve",
                "approve_draft",
                "Send a draft as it is.",
                self.approve,
                answer=DraftVerdict,
                refusals=_CLOSED,
            ),
            Operation(
                "POST",
                "/v1/drafts/{id}/edit",
                "edit_draft",
                "Send another text instead of a draft.",
                self.edit,
                answer=DraftVerdict,
                body=CorrectedDraft,
                refusals=_CLOSED,
            ),
            Operation(
                "POST",
                "/v1/drafts/{id}/refuse",
                "refuse_draft",
                "Do not send a draft.",
                self.refuse,
                answer=DraftVerdict,
                refusals=_CLOSED,
            ),
        )

    async def list(self, call: ApiCall[Page, NoFields]) -> DraftList:
        limit = call.query.limit
        [after] = place_of(call.query.cursor, int) or [0]
        found = await self.desk.open(limit + 1, after)
        items = [DraftTold.model_validate(one) for one in found[:limit]]
        return DraftList(
            items=items, next_cursor=cursor_of(items[-1].id) if len(found) > limit else None
        )

    async def get(self, call: ApiCall[NoFields, NoFields]) -> DraftTold:
        return DraftTold.model_validate(await self._found(call.id))

    async def approve(self, call: ApiCall[NoFields, NoFields]) -> DraftVerdict:
        return await self._decide(call.id, OwnerDecision(OwnerVerdict.APPROVE, call.caller.name))

    async def refuse(self, call: ApiCall[NoFields, NoFields]) -> DraftVerdict:
        return await self._decide(call.id, OwnerDecision(OwnerVerdict.REFUSE, call.caller.name))

    async def edit(self, call: ApiCall[NoFields, CorrectedDraft]) -> DraftVerdict:
        decision = OwnerDecision(OwnerVerdict.CORRECT, call.caller.name, call.body.text)
        return await self._decide(call.id, decision)

    async def _decide(self, row_id: int, decision: OwnerDecision) -> DraftVerdict:
        try:
            decided = await self.desk.decide(row_id, decision)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        except ValueError as error:
            fault = FieldError("text", str(error))
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"text: {error}", errors=[fault]
            ) from None
        log_decision(row_id, decision, decided)
        draft = await self._found(row_id)
        if decided.outcome is DecisionOutcome.OTHERWISE:
            raise _conflict(decided, draft)
        self.decided()
        return DraftVerdict(outcome=decided.outcome, draft=DraftTold.model_validate(draft))

    async def _found(self, row_id: int) -> DraftRow:
        try:
            return await self.desk.get(row_id)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None


def _conflict(decided: Decided, draft: DraftRow) -> ProblemError:
    """Tells the second who was first."""
    when = draft.decided_at.isoformat(timespec="seconds") if draft.decided_at else None
    first = f", decided by {draft.decided_by} at {when}" if draft.decided_by else ""
    why = f" ({decided.why})" if decided.why else ""
    facts = {
        "state": str(decided.state),
        "decided_by": draft.decided_by,
        "decided_at": when,
        "renewed_as": decided.renewed_as,
    }
    return ProblemError(
        HTTPStatus.CONFLICT,
        f"draft {draft.id} is {decided.state}{first}{why}; nothing was changed",
        facts=facts,
    )
