"""The outbox on both stores: every guard, every way to an end, receipts, pauses, the breaker."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.domain.outbox_state import OutboxState, ReceiptKind
from izer_bridge.domain.outgoing import HandedOver, Outgoing, Receipt, RefusedBySenderError
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.send_limit import Limit
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.owner_verdict import OwnerDecision, OwnerVerdict
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.store.outbox import SqlOutbox
from izer_bridge.replies.store.outbox_rows import notify
from izer_bridge.store.database import Database
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock, counts_of
from tests.store.messages import (
    ACCOUNT,
    ATTEMPT,
    LID,
    NOON,
    NUMBER,
    RECORD,
    in_group,
    message,
)

OWNER = Jid.parse("905550000099@s.whatsapp.net")
SECRET = bytes(range(32))
POLICY = ReplyPolicy(
    mode=Mode.SEND, per_chat_per_hour=2, per_hour=3, quiet=QuietHours(zone=UTC), allow_groups=False
)
ANSWER = {"reply": "Hazır.", "confidence": 0.9}
HANDED = HandedOver("3EBSENT", NOON + timedelta(seconds=30))


@pytest.fixture
async def ledger(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    screening = Screening(ImportanceRules.of([], []), False, POLICY)
    one = SqlLedger(store_url, screening, "me", lease_seconds=60, clock=clock)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def group_ledger(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    screening = Screening(ImportanceRules.of([], []), True, replace(POLICY, allow_groups=True))
    one = SqlLedger(store_url, screening, "me", clock=clock)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def outbox(ledger: SqlLedger) -> SqlOutbox:
    return ledger.outbox()


@pytest.fixture
async def rows(stored: Store) -> Any:
    async def read() -> list[Any]:
        return await stored.rows("SELECT * FROM outbox ORDER BY id")

    return read


async def answered(ledger: SqlLedger, given: Message, answer: dict[str, Any] = ANSWER) -> None:
    """The message arrives, is analysed, and an agent answers so."""
    await ledger.record([given])
    [work] = await ledger.claim(10)
    await ledger.analysed(work, RECORD)
    work = replace(work, state=State.ANALYSED, analysis=RECORD.analysis)
    await ledger.attempted(work, replace(ATTEMPT, response=answer), State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))


async def notified(store_url: str, notice: Notice) -> int:
    async with Database(store_url) as database:
        return await database.write(lambda connection: notify(connection, notice, NOON))


async def claimed(outbox: SqlOutbox, clock: Clock) -> Outgoing:
    clock.forward(60)
    due = await outbox.next_due(ACCOUNT)
    assert due is not None
    found = await outbox.claim(due.row_id, SECRET)
    assert found is not None
    return found


async def test_a_reply_quotes_a_file_as_people_call_it(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock
) -> None:
    price = Media("application/pdf", 9, "fiyat.pdf")
    await answered(ledger, message(1, "", kind=Kind.DOCUMENT, media=price))
    quoted = (await claimed(outbox, clock)).quoted
    assert quoted is not None
    assert quoted.text == "[belge] fiyat.pdf"


async def test_a_reply_goes_its_way_into_the_chat(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any, stored: Store
) -> None:
    await answered(ledger, message(1))
    assert await outbox.next_due(ACCOUNT) is None, "its burst is not over"
    one = await claimed(outbox, clock)
    assert (one.chat, one.text, one.secret) == (NUMBER, "Hazır.", SECRET)
    assert one.quoted is not None
    assert one.quoted.message_id == message(1).message_id
    assert await outbox.next_due(ACCOUNT) is None
    await outbox.sent(one, HANDED)
    await outbox.sent(one, HANDED)
    [row] = await rows()
    assert (row.state, row.whatsapp_id, row.decided_by) == ("sent", "3EBSENT", "policy")
    _, own = await stored.messages()
    assert (own.origin, own.from_me, own.current_message) == ("sent", 1, "Hazır.")
    assert await stored.rows("SELECT * FROM chat_pauses") == [], "the bridge is no person"
    await answered(ledger, message(90, "Teşekkürler"))
    assert [one.content for one in await ledger.context(3, 20)] == ["Merhaba", "Hazır."]


@pytest.mark.parametrize(("hours", "state"), [(23, "cancelled"), (25, "approved")])
async def test_what_was_said_a_day_before_replaces_no_reply_however_late_it_comes(
    ledger: SqlLedger, rows: Any, hours: int, state: str
) -> None:
    await ledger.record([message(1)])
    [work] = await ledger.claim(10)
    await ledger.record([message(2, sent_at=message(1).sent_at - timedelta(hours=hours))])
    await ledger.analysed(work, RECORD)
    work = replace(work, state=State.ANALYSED, analysis=RECORD.analysis)
    await ledger.attempted(work, replace(ATTEMPT, response=ANSWER), State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))
    assert [row.state for row in await rows()] == [state]


async def test_a_message_has_one_reply_however_often_it_is_settled(
    ledger: SqlLedger, rows: Any, stored: Store
) -> None:
    await answered(ledger, message(1))
    await stored.execute("UPDATE webhook_messages SET state = 'dispatched'")
    [work] = await ledger.claim(10)
    await ledger.settle(work)
    assert len(await rows()) == 1


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (message(2, "Bir de"), "the customer has written again"),
        (message(9, "Bakarım", from_me=True), "a person has answered"),
    ],
)
async def test_whoever_writes_in_the_meantime_ends_a_reply(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any, after: Message, why: str
) -> None:
    await answered(ledger, message(1))
    await ledger.record([after])
    [row] = await rows()
    assert (row.state, row.error) == ("cancelled", why)
    clock.forward(60)
    assert await outbox.next_due(ACCOUNT) is None


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (in_group(2, "Ben de", sender=NUMBER, sender_alt=None), "cancelled"),
        (in_group(2, "Ben gelirim", sender=OWNER, sender_alt=None), "approved"),
        (in_group(9, "Bakarım", from_me=True), "cancelled"),
    ],
)
async def test_in_a_group_only_who_asked_or_a_person_of_the_shop_ends_a_reply(
    group_ledger: SqlLedger, clock: Clock, rows: Any, after: Message, state: str
) -> None:
    await answered(group_ledger, in_group(1, "Yarın açık mısınız?"))
    await group_ledger.record([after])
    assert [row.state for row in await rows()] == [state]
    clock.forward(60)
    outbox = group_ledger.outbox()
    due = await outbox.next_due(ACCOUNT)
    is_sent = due is not None and await outbox.claim(due.row_id, SECRET) is not None
    assert is_sent is (state == "approved")


async def test_what_holds_nothing_to_answer_ends_no_reply(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock
) -> None:
    await answered(ledger, message(1))
    await ledger.record([message(2, "", kind=Kind.UNSUPPORTED)])
    assert (await claimed(outbox, clock)).text == "Hazır."


@pytest.mark.parametrize(
    ("statement", "state", "why"),
    [
        ("INSERT INTO chat_pauses (chat_id, reason) VALUES (1, 'operator')", "cancelled", "paused"),
        ("UPDATE outbox SET expires_at = '2026-03-01 12:00:01'", "lapsed", "too long"),
    ],
)
async def test_the_guards_are_looked_at_again_when_it_is_claimed(
    ledger: SqlLedger,
    outbox: SqlOutbox,
    clock: Clock,
    rows: Any,
    stored: Store,
    statement: str,
    state: str,
    why: str,
) -> None:
    await answered(ledger, message(1))
    await stored.execute(statement)
    clock.forward(60)
    due = await outbox.next_due(ACCOUNT)
    assert due is not None
    assert await outbox.claim(due.row_id, SECRET) is None
    [row] = await rows()
    assert row.state == state
    assert why in row.error


async def test_caps_make_drafts_of_what_is_more(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any
) -> None:
    for number in range(3):
        given = message(number * 100, sent_at=clock.now)
        await answered(ledger, given)
        if number < 2:
            handed = HandedOver(f"3EB{number}", clock.now)
            await outbox.sent(await claimed(outbox, clock), handed)
    last = (await rows())[-1]
    assert (last.state, "per_chat_per_hour" in last.reason) == ("draft", True)


async def test_quiet_hours_wait_and_the_night_is_a_persons(
    ledger: SqlLedger, clock: Clock, rows: Any
) -> None:
    clock.now = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    await answered(ledger, message(1, sent_at=clock.now))
    [row] = await rows()
    assert (row.state, "quiet hours" in row.reason) == ("draft", True)


async def test_what_is_abandoned_becomes_uncertain_and_a_receipt_resolves_it(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any, stored: Store
) -> None:
    await answered(ledger, message(1))
    await claimed(outbox, clock)
    clock.forward(50)
    assert (await counts_of(ledger).stats()).outbox["unacknowledged"] == 0
    clock.forward(20)
    assert (await counts_of(ledger).stats()).outbox["unacknowledged"] == 1
    [left] = await outbox.abandoned()
    early = Receipt(ACCOUNT, NUMBER, ("3EBSENT",), ReceiptKind.DELIVERED, clock.now)
    assert await ledger.receive([early, early]) == []
    await outbox.uncertain(left, "the bridge ended", "3EBSENT")
    [row] = await rows()
    assert row.state == "sent", "its receipt had come before its id was known"
    assert row.delivered_at
    assert await outbox.abandoned() == []
    assert len(await stored.messages()) == 2
    assert await stored.rows("SELECT * FROM early_receipts") == []
    [reached] = await ledger.receive([replace(early, kind=ReceiptKind.READ)])
    assert (reached.row_id, reached.how_far) == (row.id, ReceiptKind.READ)
    assert reached.message_row_id == left.message_row_id == 1
    assert (await rows())[0].read_at


async def test_without_an_id_it_stays_uncertain_and_is_never_due_again(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any
) -> None:
    await answered(ledger, message(1))
    await outbox.uncertain(await claimed(outbox, clock), "no answer", None)
    assert (await counts_of(ledger).stats()).outbox["unacknowledged"] == 1
    clock.forward(3600 * 48)
    await outbox.lapse()
    assert await outbox.next_due(ACCOUNT) is None
    [row] = await rows()
    assert row.state == "uncertain"


async def test_a_breaker_holds_everything_until_it_closes(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any
) -> None:
    await answered(ledger, message(1))
    until = clock.now + timedelta(minutes=10)
    await outbox.open_breaker(ACCOUNT, until, "error 463")
    stop = (await counts_of(ledger).waiting()).stop
    assert stop is not None
    assert stop.until == until
    clock.forward(60)
    due = await outbox.next_due(ACCOUNT)
    assert due is not None
    assert await outbox.claim(due.row_id, SECRET) is None
    assert await outbox.next_due(ACCOUNT) is None
    clock.forward(10 * 60)
    assert (await counts_of(ledger).waiting()).stop is None
    assert await outbox.claim(due.row_id, SECRET) is not None


async def test_a_draft_goes_as_it_was_corrected(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any
) -> None:
    await answered(ledger, message(1), ANSWER | {"needs_human": True})
    [row] = await rows()
    assert row.state == "draft"
    corrected = OwnerDecision(OwnerVerdict.CORRECT, "owner", "Yarın hazır.")
    await ledger.drafts().decide(row.id, corrected)
    assert (await claimed(outbox, clock)).text == "Yarın hazır."


async def test_what_is_approved_in_quiet_hours_goes_when_they_end(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any
) -> None:
    """The draft itself would have lapsed at midnight."""
    await answered(ledger, message(1), ANSWER | {"needs_human": True})
    [row] = await rows()
    clock.forward(10.5 * 3600)
    await ledger.drafts().decide(row.id, OwnerDecision(OwnerVerdict.APPROVE, "owner"))
    assert await outbox.claim(row.id, SECRET) is None
    clock.forward(9 * 3600)
    assert await outbox.lapse() == 0
    assert await outbox.claim(row.id, SECRET) is None
    clock.forward(1800)
    assert (await claimed(outbox, clock)).text == "Hazır."


async def test_a_notice_is_written_once_and_ends_with_its_draft(
    ledger: SqlLedger, outbox: SqlOutbox, store_url: str, rows: Any
) -> None:
    await answered(ledger, message(1), ANSWER | {"needs_human": True})
    [draft] = await rows()
    notice = Notice("draft-notice:1", ACCOUNT, OWNER, "Taslak: Hazır.", about_id=draft.id)
    row_id = await notified(store_url, notice)
    assert await notified(store_url, notice) == row_id
    await ledger.drafts().decide(draft.id, OwnerDecision(OwnerVerdict.REFUSE, "owner"))
    assert await outbox.claim(row_id, SECRET) is None
    assert (await rows())[1].state == "cancelled"
    other = await notified(store_url, replace(notice, purpose="escalation:1", about_id=None))
    one = await outbox.claim(other, SECRET)
    assert one is not None
    assert one.quoted is None
    await outbox.sent(one, HANDED)
    assert (await rows())[2].whatsapp_id == HANDED.whatsapp_id


@pytest.mark.parametrize(
    ("purpose", "is_pressing"),
    [
        ("draft-notice:1", False),
        ("person-notice:1", False),
        ("escalation:1:owner", True),
        ("decision:1:3EB0000001", True),
    ],
)
async def test_nobody_is_woken_for_a_draft(
    outbox: SqlOutbox, clock: Clock, store_url: str, purpose: str, is_pressing: bool
) -> None:
    row_id = await notified(store_url, Notice(purpose, ACCOUNT, OWNER, "Bakar mısınız?"))
    clock.now = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert (await outbox.claim(row_id, SECRET) is not None) is is_pressing
    if not is_pressing:
        assert await outbox.next_due(ACCOUNT) is None
        clock.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        assert await outbox.claim(row_id, SECRET) is not None


async def test_whoever_was_answered_in_the_night_needs_no_person_in_the_morning(
    ledger: SqlLedger, outbox: SqlOutbox, store_url: str, rows: Any
) -> None:
    await ledger.record([message(1)])
    notice = Notice("person-notice:1", ACCOUNT, OWNER, "Bir kişi bakmalı", message_row_id=1)
    row_id = await notified(store_url, notice)
    await ledger.record([message(9, "Bakıyorum", from_me=True)])
    assert await outbox.claim(row_id, SECRET) is None
    [row] = await rows()
    assert (row.state, row.error) == ("cancelled", "a person has answered")


async def test_nothing_is_written_where_replies_are_off_or_there_is_none(
    store_url: str, clock: Clock, rows: Any
) -> None:
    without_replies = Screening(ImportanceRules.of([], []), False)
    off = SqlLedger(store_url, without_replies, "me", clock=clock)
    await off.open()
    await answered(off, message(1))
    await answered(off, message(2), {"ok": True})
    await off.close()
    assert await rows() == []


async def test_a_pause_moves_with_a_chat_that_turns_out_to_be_another(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1), message(2, chat=LID)])
    await ledger.record([message(9, chat=LID, from_me=True)])
    await ledger.record([message(10, chat_alt=LID)])
    assert len(await stored.rows("SELECT * FROM chats")) == 1
    [paused] = await stored.rows("SELECT * FROM chat_pauses")
    assert paused.reason == "human"


async def test_old_own_messages_pause_nothing(ledger: SqlLedger, stored: Store) -> None:
    old = message(1, from_me=True, sent_at=NOON - timedelta(days=1))
    await ledger.record([old, message(2, from_me=True, origin=Origin.HISTORY)])
    assert await stored.rows("SELECT * FROM chat_pauses") == []


async def test_one_463_pauses_its_chat_and_a_second_chats_within_the_hour_the_account(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, stored: Store
) -> None:
    limited, until = RefusedBySenderError("error 463", 463), NOON + timedelta(hours=12)
    await answered(ledger, message(1))
    assert await outbox.refused(await claimed(outbox, clock), limited, until) is Limit.CHAT
    [paused] = await stored.rows("SELECT * FROM chat_pauses")
    assert paused.reason == "limited"
    assert await stored.rows("SELECT * FROM send_breakers") == []
    await answered(ledger, message(2, chat=Jid.parse("905550000077@s.whatsapp.net")))
    assert await outbox.refused(await claimed(outbox, clock), limited, until) is Limit.ACCOUNT
    [breaker] = await stored.rows("SELECT * FROM send_breakers")
    assert breaker.reason == "error 463"


async def test_nothing_moves_but_along_the_table(
    ledger: SqlLedger, outbox: SqlOutbox, clock: Clock, rows: Any
) -> None:
    await answered(ledger, message(1))
    one = await claimed(outbox, clock)
    await outbox.refused(one, RefusedBySenderError("refused"), clock.now)
    await outbox.sent(one, HANDED)
    await outbox.give_back(one, clock.now, "again")
    assert [row.state for row in await rows()] == [OutboxState.FAILED]
