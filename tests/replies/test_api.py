"""`GET /drafts` and `POST /drafts/{id}/…`: the answers, and every refusal as a problem."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession

from izer_bridge.api import application
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.replies.draft_desk import DraftRow
from izer_bridge.replies.owner_verdict import Decided, DecisionOutcome, OwnerDecision, OwnerVerdict
from izer_bridge.web.server import Server
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats
from tests.web.running_api import Api

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def draft(row_id: int = 7, **changes: Any) -> DraftRow:
    values: dict[str, Any] = {
        "id": row_id,
        "chat_id": 3,
        "state": OutboxState.DRAFT,
        "chat_name": "Ayşe",
        "asked": "Hazır mı?",
        "text": "Bisikletiniz hazır.",
        "corrected": None,
        "agent": "business_workflow",
        "confidence": 0.75,
        "reason": "a question",
        "created_at": AT,
        "expires_at": None,
        "decided_by": None,
        "decided_at": None,
        "error": None,
    }
    return DraftRow(**(values | changes))


@dataclass
class Desk:
    """Decides draft 7 alone, and returns `outcome`, or raises."""

    outcome: DecisionOutcome = DecisionOutcome.DONE
    error: Exception | None = None
    decisions: list[OwnerDecision] = field(default_factory=list)
    hints: int = 0
    drafts: Sequence[DraftRow] = (draft(),)
    decided_by: str | None = None

    def hint(self) -> None:
        self.hints += 1

    async def open(self, limit: int | None = None, after: int = 0) -> Sequence[DraftRow]:
        if self.error is not None:
            raise self.error
        return [one for one in self.drafts if one.id > after][:limit]

    async def get(self, row_id: int) -> DraftRow:
        if row_id != 7:
            raise LookupError(f"there is no draft {row_id}")
        return draft(decided_by=self.decided_by, decided_at=self.decided_by and AT)

    async def decide(self, row_id: int, decision: OwnerDecision) -> Decided:
        if self.error is not None:
            raise self.error
        if row_id != 7:
            raise LookupError(f"there is no draft {row_id}")
        self.decisions.append(decision)
        return Decided(self.outcome, OutboxState.APPROVED)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def api(desk: Desk) -> AsyncIterator[Api]:
    intake, health, stats = FakeIntake(), FakeHealth(), FakeStats()
    routes = DraftRoutes(desk, desk.hint)
    server = Server(application(intake, health, stats, drafts=routes), port=0, stop_seconds=1)
    async with server, ClientSession() as session:
        yield Api(intake, health, stats, server, session)


async def test_those_that_wait_are_listed_with_times_as_text(api: Api) -> None:
    answer = await api.request("GET", "/drafts")
    assert (answer.status, answer.json) == (
        200,
        {
            "success": True,
            "drafts": [
                {
                    "id": 7,
                    "chat_id": 3,
                    "state": "draft",
                    "chat_name": "Ayşe",
                    "asked": "Hazır mı?",
                    "text": "Bisikletiniz hazır.",
                    "corrected": None,
                    "agent": "business_workflow",
                    "confidence": 0.75,
                    "reason": "a question",
                    "created_at": "2026-03-01T12:00:00+00:00",
                    "expires_at": None,
                    "decided_by": None,
                    "decided_at": None,
                    "error": None,
                }
            ],
        },
    )


@pytest.mark.parametrize(
    ("verb", "body", "decision"),
    [
        ("approve", None, OwnerDecision(OwnerVerdict.APPROVE, "HTTP")),
        ("refuse", {}, OwnerDecision(OwnerVerdict.REFUSE, "HTTP")),
        ("edit", {"text": "Yarın."}, OwnerDecision(OwnerVerdict.CORRECT, "HTTP", "Yarın.")),
    ],
)
@pytest.mark.parametrize("outcome", [DecisionOutcome.DONE, DecisionOutcome.ALREADY])
async def test_a_decision_is_taken_again_and_again(
    api: Api, desk: Desk, verb: str, body: object, decision: OwnerDecision, outcome: DecisionOutcome
) -> None:
    desk.outcome = outcome
    answer = await api.request("POST", f"/drafts/7/{verb}", json=body)
    assert (answer.status, answer.json["draft"]["id"]) == (200, 7)
    assert desk.decisions == [decision]
    assert desk.hints == 1


async def test_what_was_decided_otherwise_is_a_conflict(api: Api, desk: Desk) -> None:
    desk.outcome = DecisionOutcome.OTHERWISE
    answer = await api.request("POST", "/drafts/7/refuse")
    assert (answer.status, answer.content_type) == (409, "application/problem+json")
    assert answer.json["detail"] == "draft 7 is approved; nothing was changed"
    assert desk.hints == 0


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/drafts/8/approve", {}, 404),
        ("/drafts/x/approve", {}, 404),
        (f"/drafts/{'9' * 19}/approve", {}, 404),
        ("/drafts/7/send", {}, 404),
        ("/drafts/7/edit", {"data": b"text"}, 400),
        ("/drafts/7/edit", {"json": {}}, 422),
        ("/drafts/7/edit", {"json": {"text": 1}}, 422),
    ],
)
async def test_what_is_wrong_is_a_problem(
    api: Api, desk: Desk, path: str, options: dict[str, object], status: int
) -> None:
    answer = await api.request("POST", path, **options)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert desk.decisions == []


async def test_a_text_that_cannot_be_sent_names_the_field(api: Api, desk: Desk) -> None:
    desk.error = ValueError("the text is empty")
    answer = await api.request("POST", "/drafts/7/edit", json={"text": " "})
    assert (answer.status, answer.fields) == (422, ["text"])


async def test_a_store_that_is_away_is_said(api: Api, desk: Desk) -> None:
    desk.error = TransientError("the store is away")
    assert (await api.request("GET", "/drafts")).status == 503
    assert (await api.request("POST", "/drafts/7/approve")).status == 503
