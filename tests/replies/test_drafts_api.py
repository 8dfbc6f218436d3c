"""Drafts under `/v1`: pages, decisions with a name, and who was first."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from izer_bridge.replies.drafts_api import DraftOperations
from izer_bridge.replies.owner_verdict import DecisionOutcome, OwnerDecision, OwnerVerdict
from tests.replies.test_api import Desk, draft
from tests.web.operations import serving
from tests.web.running_api import Api


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def api(desk: Desk) -> AsyncIterator[Api]:
    async with serving(DraftOperations(desk, desk.hint).all()) as api:
        yield api


async def test_those_that_wait_come_in_pages(api: Api, desk: Desk) -> None:
    desk.drafts = [draft(row_id) for row_id in (2, 3, 5)]
    first = (await api.request("GET", "/v1/drafts?limit=2")).json
    assert [one["id"] for one in first["items"]] == [2, 3]
    assert first["items"][0]["created_at"] == "2026-03-01T12:00:00Z"
    last = await api.request("GET", f"/v1/drafts?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in last.json["items"]] == [5]
    assert last.json["next_cursor"] is None


@pytest.mark.parametrize(
    ("verb", "body", "decision"),
    [
        ("approve", None, OwnerDecision(OwnerVerdict.APPROVE, "HTTP")),
        ("refuse", {}, OwnerDecision(OwnerVerdict.REFUSE, "HTTP")),
        ("edit", {"text": "Yarın."}, OwnerDecision(OwnerVerdict.CORRECT, "HTTP", "Yarın.")),
    ],
)
@pytest.mark.parametrize("outcome", [DecisionOutcome.DONE, DecisionOutcome.ALREADY])
async def test_a_decision_says_what_came_of_it(
    api: Api, desk: Desk, verb: str, body: object, decision: OwnerDecision, outcome: DecisionOutcome
) -> None:
    desk.outcome = outcome
    with capture_logs() as logs:
        answer = await api.request("POST", f"/v1/drafts/7/{verb}", json=body)
    assert (answer.status, answer.json["outcome"]) == (200, str(outcome))
    [said] = [one for one in logs if one["event"] == "draft_decided"]
    assert (said["outbox"], said["by"], said["verdict"]) == (7, "HTTP", str(decision.verdict))
    assert "Yarın." not in str(logs)
    assert answer.json["draft"]["id"] == 7
    assert desk.decisions == [decision]
    assert desk.hints == 1


async def test_the_second_is_told_who_was_first_and_when(api: Api, desk: Desk) -> None:
    desk.outcome, desk.decided_by = DecisionOutcome.OTHERWISE, "Zeynep"
    answer = await api.request("POST", "/v1/drafts/7/refuse")
    assert (answer.status, answer.content_type) == (409, "application/problem+json")
    assert answer.json["detail"] == (
        "draft 7 is approved, decided by Zeynep at 2026-03-01T12:00:00+00:00; nothing was changed"
    )
    assert (answer.json["state"], answer.json["decided_by"]) == ("approved", "Zeynep")
    assert desk.hints == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/drafts/8", None, 404),
        ("POST", "/v1/drafts/8/approve", None, 404),
        ("POST", "/v1/drafts/x/approve", None, 404),
        ("POST", "/v1/drafts/7/edit", {}, 422),
        ("POST", "/v1/drafts/7/edit", {"text": ""}, 422),
        ("POST", "/v1/drafts/7/edit", {"text": 1}, 422),
        ("POST", "/v1/drafts/7/edit", {"text": "x", "to": "905551112233"}, 422),
        ("POST", "/v1/drafts/7/edit", {"text": "x" * 4097}, 422),
    ],
)
async def test_what_is_wrong_is_a_problem(
    api: Api, desk: Desk, method: str, path: str, body: object, status: int
) -> None:
    answer = await api.request(method, path, json=body)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert desk.decisions == []


async def test_a_text_that_cannot_be_sent_names_the_field(api: Api, desk: Desk) -> None:
    desk.error = ValueError("the text is empty")
    answer = await api.request("POST", "/v1/drafts/7/edit", json={"text": " "})
    assert (answer.status, answer.fields) == (422, ["text"])
