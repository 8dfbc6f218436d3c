"""Files are with WhatsApp before their messages, in order; nothing waits behind a bad one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.outgoing import (
    HandedOver,
    NotHandedOverError,
    Preview,
    RefusedBySenderError,
)
from izer_bridge.host.loop import Hint
from izer_bridge.media.ports import KeptFile
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.store.outbox_files import SqlOutboxFiles
from izer_bridge.replies.upload import Uploads
from izer_bridge.writing.decide import Author
from izer_bridge.writing.files import SendableFile
from izer_bridge.writing.message import NewMessage, WrittenMessage
from izer_bridge.writing.store.written import SqlWriting
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, NOON, message

PDF = SendableFile(KeptFile("media/aa/aa.pdf", "aa", "application/pdf", 8), "Şubat.pdf")
PICTURE = SendableFile(
    KeptFile("media/bb/bb.jpg", "bb", "image/jpeg", 9), "", Preview(40, 30, b"small")
)
HAND = NewMessage(1, "Ekte.", Author.PERSON, "Elif", "key-1", PDF)


@dataclass
class Whatsapp:
    """Takes files, unless `errors` say otherwise, one each; `gate` holds them up."""

    errors: list[Exception] = field(default_factory=list)
    taken: list[tuple[bytes, Kind]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    account: str | None = ACCOUNT
    is_ready: bool = True

    async def upload(self, data: bytes, kind: Kind) -> bytes:
        if self.gate is not None:
            await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append((data, kind))
        return b"at " + data

    async def read(self, path: str) -> bytes:
        if path == "gone":
            raise PermanentError("the file cannot be read: No such file or directory")
        return path.encode()


@dataclass
class Desk:
    ledger: SqlLedger
    writing: SqlWriting
    whatsapp: Whatsapp
    uploads: Uploads
    told: list[None]
    clock: Clock

    async def write(self, key: str, file: SendableFile | None, chat_id: int = 1) -> WrittenMessage:
        new = replace(HAND, chat_id=chat_id, key=key, file=file)
        return await self.writing.write(new)

    async def step(self) -> bool:
        return await self.uploads._step()

    async def due(self) -> int | None:
        due = await self.ledger.outbox().next_due(ACCOUNT)
        return None if due is None else due.row_id


@pytest.fixture
async def desk(store_url: str, clock: Clock) -> AsyncIterator[Desk]:
    policy = ReplyPolicy()
    ledger = SqlLedger(
        store_url, Screening(ImportanceRules.of([], []), False, policy), "me", clock=clock
    )
    await ledger.open()
    other = Jid.parse("905551112244@s.whatsapp.net")
    await ledger.record([message(1), message(2, chat=other)])
    whatsapp, told = Whatsapp(), list[None]()
    rows = SqlOutboxFiles(ledger.store, clock)
    uploads = Uploads(rows, whatsapp, whatsapp, Hint(), lambda: told.append(None), 0.05)
    yield Desk(ledger, SqlWriting(ledger.store, clock, policy), whatsapp, uploads, told, clock)
    await ledger.close()


async def test_a_file_is_uploaded_once_and_goes_with_its_message(desk: Desk) -> None:
    one = await desk.write("a", PDF)
    assert await desk.due() is None, "its file is not there yet"
    assert await desk.step()
    assert desk.told
    assert not await desk.step()
    assert desk.whatsapp.taken == [(b"media/aa/aa.pdf", Kind.DOCUMENT)]
    outbox = desk.ledger.outbox()
    claimed = await outbox.claim(one.id, bytes(32))
    assert claimed is not None
    assert claimed.file is not None
    assert (claimed.text, claimed.file.location) == ("Ekte.", b"at media/aa/aa.pdf")


async def test_what_was_written_after_a_file_goes_after_it(desk: Desk) -> None:
    file = await desk.write("a", PICTURE)
    await desk.write("b", None)
    elsewhere = await desk.write("c", None, chat_id=2)
    assert await desk.due() == elsewhere.id, "another chat does not wait"
    assert await desk.step()
    assert await desk.due() == file.id


async def test_nothing_waits_behind_a_file_that_fails(desk: Desk) -> None:
    desk.whatsapp.errors = [NotHandedOverError("upload failed with status code 503")]
    file, text = await desk.write("a", PDF), await desk.write("b", None)
    assert await desk.step()
    assert await desk.due() == text.id
    assert not await desk.step(), "it is tried again later"
    desk.clock.forward(2)
    assert await desk.step()
    assert (await desk.writing.get(file.id)).file is not None
    assert desk.whatsapp.taken


async def test_a_file_that_whatsapp_does_not_take_ends_its_message(desk: Desk) -> None:
    why = "WhatsApp does not take this file (error 415)"
    desk.whatsapp.errors = [RefusedBySenderError(why)]
    first, second = await desk.write("a", PDF), await desk.write("b", PICTURE)
    assert await desk.step()
    failed = await desk.writing.get(first.id)
    assert (failed.state, failed.error) == (OutboxState.FAILED, why)
    assert await desk.step()
    assert await desk.due() == second.id


async def test_a_file_that_is_gone_ends_its_message(desk: Desk) -> None:
    gone = replace(PDF, kept=replace(PDF.kept, path="gone"))
    one = await desk.write("a", gone)
    assert await desk.step()
    assert (await desk.writing.get(one.id)).state is OutboxState.FAILED


async def test_it_is_not_tried_for_ever(desk: Desk) -> None:
    one = await desk.write("a", PDF)
    desk.whatsapp.errors = [NotHandedOverError("connection refused")] * 20
    tries = 0
    while (await desk.writing.get(one.id)).state is OutboxState.APPROVED:
        tries += await desk.step()
        desk.clock.forward(300)
    failed = await desk.writing.get(one.id)
    assert (failed.state, tries) == (OutboxState.FAILED, 8)
    assert failed.error == "the file could not be given to WhatsApp: connection refused"


async def test_one_without_an_end_is_left_behind_and_no_second_begins_beside_it(
    desk: Desk,
) -> None:
    desk.whatsapp.gate = asyncio.Event()
    await desk.write("a", PDF)
    assert await desk.step()
    desk.clock.forward(60)
    assert not await desk.step()
    desk.whatsapp.gate.set()
    late = desk.uploads._late
    assert late is not None
    await late
    assert await desk.step()
    assert len(desk.whatsapp.taken) == 2


async def test_nothing_is_uploaded_for_what_is_taken_back_or_of_another_account(
    desk: Desk,
) -> None:
    one = await desk.write("a", PDF)
    desk.whatsapp.account = "+905550000002"
    assert not await desk.step()
    desk.whatsapp.account = ACCOUNT
    await desk.writing.take_back(one.id, "Elif")
    assert not await desk.step()
    desk.whatsapp.is_ready = False
    await desk.write("b", PDF)
    assert not await desk.step()
    assert not desk.whatsapp.taken


async def test_a_sent_file_stands_in_its_chat(desk: Desk, stored: Store) -> None:
    for key, file in (("a", PDF), ("b", PICTURE)):
        one = await desk.write(key, file)
        assert await desk.step()
        outbox = desk.ledger.outbox()
        claimed = await outbox.claim(one.id, key.encode() * 32)
        assert claimed is not None
        await outbox.sent(claimed, HandedOver(f"3EB{key}", NOON))
    kept = await stored.rows(
        "SELECT w.kind, w.origin, w.current_message, w.media_file_name, w.media_mimetype, "
        "m.state, m.path, m.sha256, m.next_attempt_at FROM webhook_messages w "
        "JOIN media m ON m.webhook_message_id = w.id ORDER BY w.id"
    )
    assert [tuple(row) for row in kept] == [
        ("document", "hand", "Ekte.", "Şubat.pdf", "application/pdf", "kept", "media/aa/aa.pdf")
        + ("aa", None),
        ("image", "hand", "Ekte.", None, "image/jpeg", "kept", "media/bb/bb.jpg", "bb", None),
    ]
