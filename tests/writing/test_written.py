"""Written messages on both stores: once, where they may go, what they do to the chat's replies."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Origin
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.outgoing import HandedOver, RefusedBySenderError
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.store.answered import is_answered
from izer_bridge.replies.store.outbox import SqlOutbox
from izer_bridge.store.database import Database
from izer_bridge.writing.decide import Author
from izer_bridge.writing.errors import NotAllowedError, NotTheSameError
from izer_bridge.writing.message import NewMessage
from izer_bridge.writing.store.written import SqlWriting
from tests.end_to_end.stored import Store
from tests.replies.test_outbox import answered
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, LID, NOON, NUMBER, message

POLICY = ReplyPolicy(mode=Mode.DRAFT, quiet=QuietHours(zone=UTC), per_chat_per_hour=2)
HANDED = HandedOver("3EBSENT", NOON + timedelta(seconds=30))
HAND = NewMessage(1, "Hazır, bekliyoruz.", Author.PERSON, "Elif", "key-1")
PROGRAM = replace(HAND, author=Author.PROGRAM, by="n8n")


@pytest.fixture
async def ledger(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    screening = Screening(ImportanceRules.of([], []), False, POLICY)
    one = SqlLedger(store_url, screening, "me", lease_seconds=60, clock=clock)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def writing(ledger: SqlLedger) -> SqlWriting:
    return SqlWriting(ledger.store, ledger.clock, POLICY)


@pytest.fixture
async def rows(stored: Store) -> Any:
    async def read() -> list[Any]:
        return await stored.rows("SELECT * FROM outbox ORDER BY id")

    return read


async def sent(outbox: SqlOutbox, handed: HandedOver = HANDED) -> None:
    """The due row goes out."""
    due = await outbox.next_due(ACCOUNT)
    assert due is not None
    claimed = await outbox.claim(due.row_id, bytes(32))
    assert claimed is not None
    await outbox.sent(claimed, handed)


async def test_a_persons_message_replaces_the_draft_and_pauses_the_bridge(
    ledger: SqlLedger, writing: SqlWriting, rows: Any, stored: Store
) -> None:
    await answered(ledger, message(1))
    one = await writing.write(HAND)
    assert (one.state, one.author, one.by) == (OutboxState.APPROVED, Author.PERSON, "Elif")
    draft, own = await rows()
    assert (draft.state, draft.error) == ("cancelled", "a person has answered")
    assert (own.kind, own.state, own.chat_jid) == ("hand", "approved", str(NUMBER))
    [pause] = await stored.rows("SELECT reason FROM chat_pauses")
    assert pause.reason == "human"
    outbox = ledger.outbox()
    await sent(outbox)
    assert (await writing.get(one.id)).sent_at == HANDED.server_at
    said = (await stored.messages())[-1]
    assert (said.origin, said.from_me, said.current_message) == ("hand", 1, HAND.text)


async def test_the_same_request_writes_once(
    ledger: SqlLedger, writing: SqlWriting, stored: Store
) -> None:
    await ledger.record([message(1)])
    first = await writing.write(HAND)
    assert await writing.write(HAND) == first
    await sent(ledger.outbox())
    assert (await writing.write(HAND)).state is OutboxState.SENT
    for other in (replace(HAND, text="Başka bir şey"), replace(HAND, chat_id=7)):
        with pytest.raises(NotTheSameError):
            await writing.write(other)
    assert len(await stored.rows("SELECT id FROM outbox")) == 1


async def test_a_programs_message_changes_nothing_and_waits_as_a_reply_does(
    ledger: SqlLedger, writing: SqlWriting, rows: Any, clock: Clock
) -> None:
    await answered(ledger, message(1))
    for number in range(3):
        await writing.write(replace(PROGRAM, key=f"key-{number}", text=f"{number}. haber"))
    draft, *own = await rows()
    assert draft.state == "draft"
    assert {row.kind for row in own} == {"program"}
    outbox = ledger.outbox()
    for number in range(2):
        await sent(outbox, replace(HANDED, whatsapp_id=f"3EB{number}"))
    due = await outbox.next_due(ACCOUNT)
    assert due is not None
    assert await outbox.claim(due.row_id, bytes(32)) is None
    third = await writing.get(own[2].id)
    assert "per_chat_per_hour" in third.waits_for
    assert third.goes_at == clock.now + timedelta(minutes=1)
    await writing.write(HAND)
    with pytest.raises(NotAllowedError, match="the chat is paused"):
        await writing.write(replace(PROGRAM, key="key-4"))
    clock.forward(60)
    assert await outbox.claim(own[2].id, bytes(32)) is None
    assert (await writing.get(own[2].id)).error == "the chat is paused"


async def test_it_goes_to_the_address_that_was_written_from_last(
    ledger: SqlLedger, writing: SqlWriting, rows: Any
) -> None:
    await ledger.record([message(1, sender_alt=LID), message(2, chat=LID, chat_alt=NUMBER)])
    await writing.write(HAND)
    [row] = await rows()
    assert row.chat_jid == str(LID)


async def test_a_chat_in_which_the_shop_alone_has_written_is_left_alone(
    ledger: SqlLedger, writing: SqlWriting
) -> None:
    await ledger.record([message(1, from_me=True)])
    with pytest.raises(NotAllowedError, match="to_new_chats"):
        await writing.write(HAND)
    allowed = SqlWriting(ledger.store, ledger.clock, replace(POLICY, to_new_chats=True))
    assert (await allowed.write(HAND)).state is OutboxState.APPROVED
    with pytest.raises(LookupError, match="no chat 99"):
        await writing.write(replace(HAND, chat_id=99, key="key-2"))
    with pytest.raises(ValueError, match="the text is empty"):
        await writing.write(replace(HAND, text=" \u200b "))


async def test_what_whatsapp_has_refused_is_not_tried_again(
    ledger: SqlLedger, writing: SqlWriting, clock: Clock
) -> None:
    await ledger.record([message(1)])
    one = await writing.write(HAND)
    second = await writing.write(replace(HAND, key="key-2"))
    outbox = ledger.outbox()
    claimed = await outbox.claim(one.id, bytes(32))
    assert claimed is not None
    error = RefusedBySenderError("WhatsApp's server returned error 463", 463)
    await outbox.refused(claimed, error, clock.now + timedelta(hours=12))
    assert (await writing.get(one.id)).error == str(error)
    assert await outbox.claim(second.id, bytes(32)) is None
    assert (await writing.get(second.id)).state is OutboxState.CANCELLED
    with pytest.raises(NotAllowedError, match="WhatsApp has refused"):
        await writing.write(replace(HAND, key="key-3"))


async def test_it_can_be_taken_back_until_whatsapp_has_it(
    ledger: SqlLedger, writing: SqlWriting, clock: Clock
) -> None:
    await ledger.record([message(1)])
    one = await writing.write(HAND)
    for _ in range(2):
        taken = await writing.take_back(one.id, "Elif")
        assert (taken.state, taken.error) == (OutboxState.CANCELLED, "taken back by Elif")
    assert await ledger.outbox().next_due(ACCOUNT) is None
    second = await writing.write(replace(HAND, key="key-2"))
    assert [each.id for each in await writing.unsent(1)] == [one.id, second.id]
    await sent(ledger.outbox())
    with pytest.raises(NotAllowedError, match="is sent"):
        await writing.take_back(second.id, "Elif")
    assert [each.id for each in await writing.unsent(1)] == [one.id]
    third = await writing.write(replace(HAND, key="key-3"))
    outbox = ledger.outbox()
    claimed = await outbox.claim(third.id, bytes(32))
    assert claimed is not None
    await outbox.uncertain(claimed, "the bridge ended", None)
    clock.forward(2 * 86_400)
    assert [each.id for each in await writing.unsent(1)] == [third.id], "somebody must look at it"
    with pytest.raises(LookupError):
        await writing.take_back(99, "Elif")


async def test_nobody_waits_for_the_bridge_to_type(
    ledger: SqlLedger, writing: SqlWriting, clock: Clock
) -> None:
    await ledger.record([message(1)])
    program = await writing.write(PROGRAM)
    clock.forward(5)
    hand = await writing.write(replace(HAND, key="key-2"))
    for expected in (hand.id, program.id):
        due = await ledger.outbox().next_due(ACCOUNT)
        assert due is not None
        assert due.row_id == expected
        await writing.take_back(due.row_id, "Elif")


async def test_only_a_persons_message_goes_before_what_has_arrived(
    ledger: SqlLedger, writing: SqlWriting
) -> None:
    await ledger.record([message(1)])
    await writing.write(PROGRAM)
    outbox = ledger.outbox()
    assert await outbox.next_due(ACCOUNT, only_hand=True) is None
    own = await writing.write(replace(HAND, key="key-2"))
    due = await outbox.next_due(ACCOUNT, only_hand=True)
    assert due is not None
    assert due.row_id == own.id


async def test_a_persons_message_answers_whoever_waits_and_a_programs_does_not(
    ledger: SqlLedger, writing: SqlWriting, stored: Store
) -> None:
    await ledger.record([message(1)])
    outbox = ledger.outbox()
    for new, expected in ((PROGRAM, False), (replace(HAND, key="key-2"), True)):
        await writing.write(new)
        await sent(outbox, HandedOver(f"3EB-{new.author}", NOON + timedelta(seconds=30)))
        async with Database(stored.url) as database:
            found = await database.read(lambda one: one.scalar(select(is_answered(1))))
        assert bool(found) is expected
    origins = [one.origin for one in await stored.messages()]
    assert origins == [Origin.LIVE, Origin.SENT, Origin.HAND]
