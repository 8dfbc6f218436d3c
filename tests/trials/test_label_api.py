"""Labels over HTTP: what is corrected, and what is refused."""

from datetime import UTC, datetime

import pytest

from izer_bridge.store.database import Database
from izer_bridge.trials.label_api import LabelOperations
from tests.end_to_end.stored import Store
from tests.web.operations import serving

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


async def test_what_is_not_said_stays_as_it_was(judged: Store, store_url: str) -> None:
    async with Database(store_url) as database:

        async def store() -> Database:
            return database

        async with serving(LabelOperations(store, lambda: NOW).all()) as api:
            path = "/v1/messages/2/label"
            first = await api.request("PUT", path, json={"urgency": 9})
            again = await api.request("PUT", path, json={"category": "complaint"})
            assert first.json["urgency"] == again.json["urgency"] == [9, 9]
            assert first.json["category"] == ["technical"]
            assert again.json["category"] == ["complaint"]
            assert again.json["sentiment"] == ["urgent"]
    [row] = await judged.rows("SELECT labelled_by FROM labels")
    assert row[0] == "HTTP"


@pytest.mark.parametrize(
    ("row_id", "body", "status"),
    [
        (2, {}, 422),
        (2, {"urgency": 11}, 422),
        (2, {"category": "bikes"}, 422),
        (2, {"by": "me"}, 422),
        (4, {"urgency": 9}, 404),
        (99, {"urgency": 9}, 404),
    ],
)
async def test_what_cannot_be_a_label_changes_nothing(
    judged: Store, store_url: str, row_id: int, body: dict[str, object], status: int
) -> None:
    async with Database(store_url) as database:

        async def store() -> Database:
            return database

        async with serving(LabelOperations(store, lambda: NOW).all()) as api:
            answer = await api.request("PUT", f"/v1/messages/{row_id}/label", json=body)
            assert answer.status == status
    assert await judged.rows("SELECT * FROM labels") == []
