"""Search and history under `/v1`, on real stores."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.domain.context_info import ContextInfo, Quotation
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.message import Kind, Media
from izer_bridge.domain.outbox_state import ReceiptKind
from izer_bridge.domain.outgoing import HandedOver, Receipt
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.search.api import SearchOperations
from izer_bridge.writing.decide import Author
from izer_bridge.writing.message import NewMessage
from izer_bridge.writing.store.written import SqlWriting
from tests.store.filled import fill, read_words
from tests.store.ledgers import Opened
from tests.store.messages import ACCOUNT, NOON, NUMBER, in_group, message
from tests.web.operations import serving
from tests.web.running_api import Api

PICTURE = Media("image/jpeg", 9, "<b>x</b>.jpg", b"source")
MESSAGES = [
    message(1, "Frenim bozuk"),
    message(2, "=fren", context=ContextInfo(quoted=Quotation("Buyurun", "Shop"))),
    message(3, "", kind=Kind.IMAGE, media=PICTURE),
    message(4, "Vitesim bozuk", kind=Kind.EDIT, target_id="3EB0000001"),
    message(5, "👍", kind=Kind.REACTION, target_id="3EB0000002"),
    message(6, "", kind=Kind.REVOKE, target_id="3EB0000003"),
    in_group(7, "Grupta fren"),
    *(message(10 + number, f"söz {number}") for number in range(5)),
]


@dataclass
class Asked:
    api: Api
    ledger: SqlLedger

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.api.request("GET", path, params=query)
        assert answer.status == 200, answer.json
        return answer.json

    async def every(self, path: str, **query: Any) -> list[Any]:
        """All items, page by page."""
        items: list[Any] = []
        while True:
            page = await self.get(path, **query)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            query["cursor"] = page["next_cursor"]


@pytest.fixture
async def asked(store_url: str, opened: Opened) -> AsyncIterator[Asked]:
    await fill(store_url, MESSAGES)
    ledger = await opened("me")
    async with serving(SearchOperations(ledger.store).all()) as api:
        yield Asked(api, ledger)


def ids(items: list[Any]) -> list[int]:
    return [int(one["message_id"][-6:]) for one in items]


async def test_messages_are_found_in_pages_and_narrowed(asked: Asked) -> None:
    assert ids(await asked.every("/v1/search", q="FREN", limit=1)) == [7, 2, 1]
    [chat_id] = {one["chat_id"] for one in await asked.every("/v1/search", q="vites")}
    for narrowed, expected in (
        ({"conversation_id": chat_id}, [2, 1]),
        ({"person": "ayşe", "category": "technical"}, [2, 1]),
        ({"until": MESSAGES[1].sent_at.isoformat()}, [1]),
        ({"best_first": "true", "conversation_id": chat_id}, [1, 2]),
    ):
        found = ids(await asked.every("/v1/search", q="fren", limit=1, **narrowed))
        assert sorted(found) == sorted(expected), narrowed


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"q": "a"}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": " ".join(f"w{number}" for number in range(13))}, "q"),
        ({"q": "fren", "person": "nobody"}, "person"),
        ({"q": "fren", "category": "none"}, "category"),
        ({"q": "fren", "since": "2026-03-01T12:00"}, "since"),
        ({"q": "fren", "cursor": "WyJ4Il0"}, "cursor"),
        ({"q": "fren", "limit": "201"}, "limit"),
        ({"q": "fren", "chat": "1"}, "chat"),
    ],
)
async def test_a_wrong_search_names_its_field(
    asked: Asked, query: dict[str, str], field: str
) -> None:
    answer = await asked.api.request("GET", "/v1/search", params=query)
    assert (answer.status, answer.fields) == (422, [field])


async def test_a_result_is_a_file_of_which_a_spreadsheet_runs_nothing(asked: Asked) -> None:
    url = f"{asked.api.server.url}/v1/search/export"
    async with asked.api.session.get(url, params={"q": "fren", "format": "csv"}) as response:
        said = await response.text()
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert [one["text"] for one in csv.DictReader(io.StringIO(said))][1] == "'=fren"
    async with asked.api.session.get(url, params={"q": "fren", "format": "jsonl"}) as response:
        lines = [json.loads(line) for line in (await response.text()).splitlines()]
    assert ids(lines) == [7, 2, 1]


async def test_a_chat_is_read_to_its_beginning_with_all_that_was_said_later(asked: Asked) -> None:
    items = await asked.every("/v1/conversations/1/messages", limit=2)
    assert ids(items) == [14, 13, 12, 11, 10, 3, 2, 1]
    picture, quoting, edited = items[-3:]
    assert (edited["text"], edited["first_text"]) == ("Vitesim bozuk", "Frenim bozuk")
    assert [one["text"] for one in edited["edits"]] == ["Vitesim bozuk"]
    assert [one["emoji"] for one in quoting["reactions"]] == ["👍"]
    assert quoting["quoted"] == {"sender": "Shop", "text": "Buyurun"}
    assert quoting["judgement"]["urgency"] == 7
    assert picture["revoked_at"] is not None
    assert (picture["file"]["state"], picture["file"]["file_name"]) == ("pending", "<b>x</b>.jpg")


async def test_it_may_begin_with_a_message_that_was_found(asked: Asked) -> None:
    [found] = await asked.every("/v1/search", q="vites")
    items = await asked.every("/v1/conversations/1/messages", begin=found["id"])
    assert ids(items) == [1]
    for path in ("/v1/conversations/999/messages", "/v1/conversations/2/messages?begin=1"):
        assert (await asked.api.request("GET", path)).status == 404


async def test_a_gap_lies_between_the_messages_around_it(asked: Asked) -> None:
    at = NOON + timedelta(seconds=11.5)
    gap = Gap(ACCOUNT, "gone", GapReason.UNDECRYPTABLE, at, chat=NUMBER)
    await asked.ledger.notice([gap])
    path, pages = "/v1/conversations/1/messages", []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = await asked.get(path, **query)
        pages.append((ids(page["items"]), len(page["gaps"])))
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert pages == [([14, 13], 0), ([12, 11], 1), ([10, 3], 0), ([2, 1], 0)]


async def test_a_reply_says_what_it_answers_and_how_far_it_has_come(asked: Asked) -> None:
    writing = SqlWriting(asked.ledger.store, asked.ledger.clock, ReplyPolicy())
    await writing.write(NewMessage(1, "Hazır", Author.PERSON, "Ayla", "k"))
    outbox = asked.ledger.outbox()
    due = await outbox.next_due(ACCOUNT)
    assert due is not None
    claimed = await outbox.claim(due.row_id, bytes(32))
    assert claimed is not None
    handed = HandedOver("3EBSENT000099", NOON + timedelta(seconds=60))
    await outbox.sent(claimed, handed)
    read = Receipt(ACCOUNT, NUMBER, (handed.whatsapp_id,), ReceiptKind.READ, handed.server_at)
    await asked.ledger.receive([read])
    await read_words(asked.ledger)
    said = (await asked.every("/v1/conversations/1/messages"))[0]
    assert said["sending"]["decided_by"] == "Ayla"
    assert said["sending"]["read_at"] is not None
    assert ids(await asked.every("/v1/search", q="hazir")) == [99]
