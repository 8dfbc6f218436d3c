"""Conversations under `/v1`, on a real store: lists, decisions, and who was first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.conversations.api import ConversationOperations
from tests.conversations.shop import ShopStore, at, customer
from tests.store.ledgers import Clock
from tests.store.messages import NOON, message
from tests.web.operations import serving
from tests.web.running_api import Answer, Api

LIST = "/v1/conversations"


@dataclass
class Board:
    """The interface, the store behind it, and how often it has hinted at changes."""

    api: Api
    shop: ShopStore
    hints: list[None]

    async def get(self, path: str = "", **query: Any) -> Answer:
        return await self.api.request("GET", f"{LIST}{path}", params=query)

    async def post(self, path: str, **body: Any) -> Answer:
        return await self.api.request("POST", f"{LIST}{path}", json=body)


@pytest.fixture
async def board(shop_store: ShopStore, clock: Clock) -> AsyncIterator[Board]:
    async with _board(shop_store, clock) as board:
        yield board


@asynccontextmanager
async def _board(shop_store: ShopStore, clock: Clock) -> AsyncIterator[Board]:
    hints: list[None] = []
    operations = ConversationOperations(shop_store.desk, lambda: hints.append(None), clock)
    async with serving(operations.all()) as api:
        yield Board(api, shop_store, hints)


async def test_a_list_goes_on_where_it_ended(board: Board) -> None:
    for place in range(3):
        await board.shop.receive(message(place, **customer(place)))
    first = (await board.get(limit=2)).json
    assert [one["name"] for one in first["items"]] == ["Müşteri 0", "Müşteri 1"]
    rest = (await board.get(limit=2, cursor=first["next_cursor"])).json
    assert ([one["name"] for one in rest["items"]], rest["next_cursor"]) == (["Müşteri 2"], None)
    assert (await board.get(status="done")).json["items"] == []
    counts = (await board.get("/counts")).json
    assert (counts["needs_first_answer"], counts["snoozed"], counts["breached"]) == (3, 0, 0)


async def test_one_tells_all_that_a_board_shows(board: Board, clock: Clock) -> None:
    await board.shop.receive(message(1, "Frenim tutmuyor"))
    await board.shop.judge()
    clock.forward(3000)
    [listed] = (await board.get()).json["items"]
    found = await board.get(f"/{listed['chat_id']}")
    assert found.json == listed
    assert (listed["status"], listed["time_left"]) == ("needs_first_answer", "soon")
    assert (listed["waiting_since"], listed["unanswered"]) == (_json(at(1)), 1)
    assert listed["urgency"]["words"] == ["fren", "acil"]
    assert listed["last"]["text"] == "Frenim tutmuyor"
    known = {"If-None-Match": found.headers["Etag"]}
    again = await board.api.request("GET", f"{LIST}/{listed['chat_id']}", headers=known)
    assert again.status == 304


def _json(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


async def test_decisions_change_it_and_name_who_decided(board: Board, clock: Clock) -> None:
    await board.shop.receive(message(1))
    until = _json(clock.now + timedelta(hours=1))
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("snooze", {"until": until}, "snoozed"),
        ("wake", {}, "needs_first_answer"),
        ("done", {}, "done"),
        ("reopen", {}, "needs_first_answer"),
    ]
    for step, body, status in steps:
        clock.forward(1)
        answer = await board.post(f"/1/{step}", **body)
        assert (answer.status, answer.json["status"]) == (200, status), step
        assert answer.json["decided"]["by"] == "HTTP"
    assert len(board.hints) == len(steps)
    paused = await board.post("/1/pause")
    assert (paused.json["is_paused"], paused.json["paused_by"]) == (True, "HTTP")
    assert not (await board.post("/1/resume")).json["is_paused"]
    assert (await board.post("/1/resume")).status == 200


async def test_who_presses_twice_has_decided_once(board: Board) -> None:
    await board.shop.receive(message(1))
    seen = (await board.get("/1")).json["version"]
    answers = [await board.post("/1/done", seen=seen) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert answers[0].json == answers[1].json


async def test_the_second_is_told_who_was_first(board: Board, clock: Clock) -> None:
    await board.shop.receive(message(1))
    seen = (await board.get("/1")).json["version"]
    await board.shop.desk.done(1, "Ayşe", seen)
    clock.forward(60)
    refused = await board.post("/1/done", seen=seen)
    assert refused.status == 409
    assert refused.json["detail"] == (
        "conversation 1 is done, done by Ayşe at 2026-03-01T12:01:00+00:00; nothing was changed"
    )
    assert (refused.json["decided_by"], refused.json["state"]) == ("Ayşe", "done")
    assert not board.hints


async def test_what_was_not_seen_is_not_done(board: Board) -> None:
    await board.shop.receive(message(1))
    seen = (await board.get("/1")).json["version"]
    await board.shop.receive(message(2))
    refused = await board.post("/1/done", seen=seen)
    assert refused.status == 409
    assert "the customer has written since" in refused.json["detail"]
    assert (await board.get("/1")).json["status"] == "needs_first_answer"


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/1/snooze", {"until": _json(NOON)}, 422, "until: 2026-03-01T12:00+00:00 is past"),
        ("/1/snooze", {"until": "9999-12-31T23:59:59Z"}, 422, "more than a year ahead"),
        ("/1/snooze", {"until": "2026-03-01T13:00:00"}, 422, "timezone"),
        ("/1/snooze", {"until": "morgen"}, 422, "until"),
        ("/1/snooze", {}, 422, "until"),
        ("/1/pause", {"until": _json(NOON)}, 422, "is past"),
        ("/1/done", {"seen": "x" * 65}, 422, "seen"),
        ("/1/done", {"seen": "1-2"}, 422, "seen"),
        ("/1/done", {"by": "Ayşe"}, 422, "by"),
        ("/9/done", {}, 404, "there is no conversation 9"),
        ("/9/resume", {}, 404, "there is no conversation 9"),
    ],
)
async def test_bad_input_says_what_is_wrong_and_changes_nothing(
    board: Board, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    await board.shop.receive(message(1))
    before = (await board.get("/1")).json
    refused = await board.post(path, **body)
    assert refused.status == status
    assert said in refused.json["detail"]
    assert (await board.get("/1")).json == before


@pytest.mark.parametrize(
    "query",
    [{"status": "asleep"}, {"limit": 0}, {"limit": 999}, {"cursor": "?"}, {"cursor": "W10"}],
)
async def test_a_wrong_list_is_refused(board: Board, query: dict[str, Any]) -> None:
    assert (await board.get(**query)).status == 422
    assert (await board.get("/9")).status == 404
