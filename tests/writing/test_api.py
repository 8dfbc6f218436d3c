"""Writing into chats under `/v1`, on a real store: once a key, and how far each has come."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.outbox_state import ReceiptKind
from izer_bridge.domain.outgoing import HandedOver, Receipt
from izer_bridge.media.files import MediaFiles
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.writing.api import WritingOperations
from izer_bridge.writing.files import SendableFiles
from izer_bridge.writing.store.written import SqlWriting
from tests.media.test_picture import drawn
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, NOON, NUMBER, message
from tests.web.operations import serving
from tests.web.running_api import Answer, Api

HANDED = HandedOver("3EBSENT", NOON + timedelta(seconds=30))
WRITE = "/v1/conversations/1/messages"
SEND = "/v1/conversations/1/files"


@dataclass
class Link:
    account: str | None = ACCOUNT
    is_ready: bool = True


@dataclass
class Desk:
    """The interface, the store behind it, and how often it has hinted at something to send."""

    api: Api
    ledger: SqlLedger
    hints: list[None]
    link: Link

    async def write(self, text: str = "Hazır.", key: str = "", **fields: Any) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"text": text, **fields}
        return await self.api.request("POST", WRITE, json=body, headers=headers)

    async def send_file(self, data: bytes, key: str = "", **fields: str) -> Answer:
        form = FormData(fields, quote_fields=False)
        form.add_field("file", data, filename="Şubat faturası.pdf")
        headers = {"Idempotency-Key": key} if key else {}
        return await self.api.request("POST", SEND, data=form, headers=headers)

    async def read(self, path: str) -> Any:
        return (await self.api.request("GET", path)).json

    async def send(self) -> None:
        outbox = self.ledger.outbox()
        due = await outbox.next_due(ACCOUNT)
        assert due is not None
        claimed = await outbox.claim(due.row_id, bytes(32))
        assert claimed is not None
        await outbox.sent(claimed, HANDED)

    async def received(self, kind: ReceiptKind) -> None:
        at = HANDED.server_at + timedelta(seconds=1)
        receipt = Receipt(ACCOUNT, NUMBER, (HANDED.whatsapp_id,), kind, at)
        await self.ledger.receive([receipt])


@pytest.fixture
def store_file(sqlite_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sqlite_store, tmp_path / "store.db"))


@pytest.fixture
async def desk(store_file: Path, clock: Clock) -> AsyncIterator[Desk]:
    policy = ReplyPolicy()
    screening = Screening(ImportanceRules.of([], []), False, policy)
    ledger = SqlLedger(f"sqlite:///{store_file}", screening, "me", clock=clock)
    await ledger.open()
    await ledger.record([message(1)])
    hints: list[None] = []
    writing = SqlWriting(ledger.store, ledger.clock, policy)
    files = SendableFiles(MediaFiles(store_file.parent), 100_000)
    link = Link()
    operations = WritingOperations(writing, files, link, lambda: hints.append(None)).all()
    async with serving(operations) as api:
        yield Desk(api, ledger, hints, link)
    await ledger.close()


async def test_a_message_says_how_far_it_has_come(desk: Desk) -> None:
    answer = await desk.write(author="person")
    assert (answer.status, answer.json["stage"]) == (201, "queued")
    assert (answer.json["author"], answer.json["written_by"]) == ("person", "HTTP")
    assert desk.hints
    path = f"/v1/outbox/{answer.json['id']}"
    [waiting] = (await desk.read("/v1/conversations/1/outbox"))["items"]
    assert waiting == await desk.read(path) == answer.json
    steps: list[tuple[Callable[[], Awaitable[None]], str]] = [
        (desk.send, "sent"),
        (lambda: desk.received(ReceiptKind.DELIVERED), "delivered"),
        (lambda: desk.received(ReceiptKind.READ), "read"),
    ]
    for step, stage in steps:
        await step()
        assert (await desk.read(path))["stage"] == stage
    assert (await desk.read("/v1/conversations/1/outbox"))["items"] == []


async def test_it_says_that_it_waits_for_the_link(desk: Desk) -> None:
    desk.link.is_ready = False
    answer = await desk.write(author="person")
    assert (answer.status, answer.json["stage"]) == (201, "queued")
    assert answer.json["says"] == "It waits: WhatsApp is not connected."
    desk.link.is_ready = True
    told = await desk.read(f"/v1/outbox/{answer.json['id']}")
    assert told["says"] == "It goes out in a moment."


async def test_nothing_waits_for_a_number_that_is_linked_no_more(desk: Desk) -> None:
    desk.link.account = "+905550000002"
    answer = await desk.write(author="person")
    assert (answer.status, "of another number" in answer.json["detail"]) == (409, True)
    assert answer.json["why"] == "other_number"
    desk.link.account = None
    assert (await desk.write(author="person")).status == 201


async def test_a_key_writes_once_also_if_the_answer_was_not_kept(desk: Desk) -> None:
    first = await desk.write(key="a")
    assert (await desk.write(key="a")).json == first.json
    assert (await desk.write(key="b")).json["id"] != first.json["id"]
    assert (await desk.write()).json["id"] != (await desk.write()).json["id"]
    other = await desk.write("Başka", key="a")
    assert (other.status, other.fields) == (422, ["Idempotency-Key"])


async def test_it_is_taken_back_until_whatsapp_has_it(desk: Desk) -> None:
    first, second = [(await desk.write(key=key)).json["id"] for key in "ab"]
    gone = await desk.api.request("DELETE", f"/v1/outbox/{first}")
    assert (gone.status, gone.json["stage"]) == (200, "cancelled")
    assert gone.json["says"] == "It was not sent: taken back by HTTP."
    await desk.send()
    late = await desk.api.request("DELETE", f"/v1/outbox/{second}")
    assert (late.status, late.json["detail"]) == (
        409,
        f"message {second} is sent; nothing was changed",
    )


async def test_a_file_says_what_it_became(desk: Desk) -> None:
    pdf = await desk.send_file(b"%PDF-1.7", text="Faturanız", author="person")
    assert pdf.status == 201
    assert (pdf.json["text"], pdf.json["author"]) == ("Faturanız", "person")
    assert pdf.json["file"] == {
        "kind": "document",
        "type": "application/pdf",
        "name": "Şubat faturası.pdf",
        "size": 8,
    }
    picture = await desk.send_file(drawn("PNG"), author="person")
    assert (picture.json["text"], picture.json["file"]["kind"]) == ("", "image")
    assert picture.json["file"]["type"] == "image/jpeg"


async def test_a_key_sends_one_file(desk: Desk) -> None:
    first = await desk.send_file(b"%PDF-1.7", key="a")
    assert (await desk.send_file(b"%PDF-1.7", key="a")).json == first.json
    assert (await desk.send_file(b"%PDF-1.8", key="a")).fields == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("data", "fields", "status", "wrong"),
    [
        (b"MZ\x90\x00 a program", {}, 422, ["file"]),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, 422, ["file"]),
        (b"", {}, 422, ["file"]),
        (b"%PDF-1.7" * 20_000, {}, 413, None),
        (b"%PDF-1.7", {"text": "x" * 1025}, 422, ["text"]),
        (b"%PDF-1.7", {"text": "<b>Merhaba</b>"}, 422, ["text"]),
        (b"%PDF-1.7", {"author": "boss"}, 422, ["author"]),
    ],
)
async def test_a_file_that_is_not_sent_is_named(
    desk: Desk, data: bytes, fields: dict[str, str], status: int, wrong: list[str] | None
) -> None:
    answer = await desk.send_file(data, **fields)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert wrong is None or answer.fields == wrong
    assert not desk.hints


async def test_what_stands_against_it_is_said(desk: Desk) -> None:
    await desk.write(author="person")
    paused = await desk.write()
    assert (paused.status, paused.json["detail"]) == (
        409,
        "the chat is paused: a person answers there",
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/conversations/9/messages", {"text": "Merhaba"}, 404),
        ("GET", "/v1/outbox/9", None, 404),
        ("DELETE", "/v1/outbox/9", None, 404),
        ("POST", WRITE, {"text": ""}, 422),
        ("POST", WRITE, {"text": "<b>Merhaba</b>"}, 422),
        ("POST", WRITE, {"text": "\u202e"}, 422),
        ("POST", WRITE, {"text": "x" * 4097}, 422),
        ("POST", WRITE, {"text": "Merhaba", "author": "boss"}, 422),
        ("POST", WRITE, {"text": "Merhaba", "to": "905551112233"}, 422),
        ("POST", WRITE, {}, 422),
    ],
)
async def test_what_is_wrong_is_a_problem_and_writes_nothing(
    desk: Desk, method: str, path: str, body: object, status: int
) -> None:
    answer = await desk.api.request(method, path, json=body)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert not desk.hints
    assert (await desk.read("/v1/conversations/1/outbox"))["items"] == []
