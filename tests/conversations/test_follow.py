"""The clock follows what is recorded and analysed, on both stores."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.conversation import ConversationStatus
from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.domain.analysis import ResponseTime
from izer_bridge.domain.escalation import Due, Why
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from tests.conversations.shop import CALM, OWNER, RULES, ShopStore, at, customer, shop
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock
from tests.store.messages import ANALYSIS, IN_DANGER, LID, NUMBER, RECORD, in_group, message

_S = ConversationStatus
_FIRST = message(1).message_id


def revoke(number: int, target: str, **fields: Any) -> Message:
    return message(number, "", kind=Kind.REVOKE, target_id=target, **fields)


@pytest.mark.parametrize(
    ("messages", "status", "since", "unanswered"),
    [
        ([message(1), message(2)], _S.NEEDS_FIRST_ANSWER, 1, 2),
        ([message(1), shop(5)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([message(1), shop(5), message(9)], _S.NEEDS_ANSWER, 9, 1),
        ([message(1), shop(5, "👍", kind=Kind.REACTION)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([message(1), shop(5, "", kind=Kind.REACTION)], _S.NEEDS_FIRST_ANSWER, 1, 1),
        ([message(1), shop(5, "!", kind=Kind.EDIT, target_id="x")], _S.NEEDS_FIRST_ANSWER, 1, 1),
        # What another linked device or the old history tells of the shop's answer counts, too.
        ([message(1), shop(5, origin=Origin.HISTORY)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([message(1), shop(5, origin=Origin.SENT)], _S.NEEDS_FIRST_ANSWER, 1, 1),
        ([message(1), shop(5, origin=Origin.HAND)], _S.WAITING_FOR_CUSTOMER, None, 0),
        # A missed call waits; a reaction, an empty message and a vote do not.
        ([message(1, "", kind=Kind.CALL)], _S.NEEDS_FIRST_ANSWER, 1, 1),
        ([message(1), shop(5), message(6, "❤", kind=Kind.REACTION)],
         _S.WAITING_FOR_CUSTOMER, None, 0),
        ([message(1), shop(5), message(6, " ")], _S.WAITING_FOR_CUSTOMER, None, 0),
        # The answer covers the first of the two only, in whatever order they come.
        ([message(1), message(9), shop(5)], _S.NEEDS_ANSWER, 9, 1),
        ([message(9), message(1), shop(5)], _S.NEEDS_ANSWER, 9, 1),
        # What was taken back needs no answer, and an answer that was taken back is none.
        ([message(1), revoke(2, _FIRST)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([message(1), message(2), revoke(3, _FIRST)], _S.NEEDS_FIRST_ANSWER, 2, 1),
        ([revoke(3, _FIRST), message(1)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([message(1), shop(5), shop(6, kind=Kind.REVOKE, target_id=shop(5).message_id)],
         _S.NEEDS_FIRST_ANSWER, 1, 1),
        # Under another address of the same person.
        ([message(1, chat=LID), message(2, chat_alt=LID, sender_alt=LID)],
         _S.NEEDS_FIRST_ANSWER, 1, 2),
        ([message(1), message(2, chat=LID), message(3, chat_alt=LID, sender_alt=LID)],
         _S.NEEDS_FIRST_ANSWER, 1, 3),
        # Known from the history, and live after all.
        ([message(1, origin=Origin.HISTORY), message(1)], _S.NEEDS_FIRST_ANSWER, 1, 1),
        ([message(1), message(1)], _S.NEEDS_FIRST_ANSWER, 1, 1),
        ([in_group(1, chat_name="İzer Management")], _S.NEEDS_FIRST_ANSWER, 1, 1),
        ([shop(1, "Bisikletiniz hazır")], _S.WAITING_FOR_CUSTOMER, None, 0),
    ],
)  # fmt: skip
async def test_a_conversation(
    shop_store: ShopStore,
    messages: list[Message],
    status: ConversationStatus,
    since: float | None,
    unanswered: int,
) -> None:
    await shop_store.receive(*messages)
    one = await shop_store.one()
    assert (one.status, one.unanswered) == (status, unanswered)
    assert one.waiting_since == (None if since is None else at(since))


@pytest.mark.parametrize(
    "said",
    [
        message(1, origin=Origin.HISTORY),
        message(1, origin=Origin.WEBHOOK),
        message(1, chat=Jid.parse("status@broadcast"), sender=NUMBER),
        message(1, **{**customer(1), "sender": Jid.parse(f"{OWNER[1:]}@s.whatsapp.net")}),
        message(1, chat=Jid("100000000000077", "lid"), sender=Jid("100000000000077", "lid")),
        shop(1, is_notice=True, origin=Origin.SENT),
        shop(1, chat=Jid.parse(f"{OWNER[1:]}@s.whatsapp.net")),
        in_group(1),
        in_group(1, sender=shop(1).sender, sender_alt=None, from_me=True),
    ],
)
async def test_where_no_customer_waits(shop_store: ShopStore, stored: Store, said: Message) -> None:
    await shop_store.receive(said)
    assert await shop_store.all() == []
    assert await stored.rows("SELECT * FROM conversations") == []


async def test_all_in_one_transaction_is_as_one_by_one(shop_store: ShopStore) -> None:
    await shop_store.ledger.record(
        [
            message(1),
            message(1, **customer(1)),
            shop(8),
            message(9),
            message(10, **customer(7)),
            revoke(11, message(10).message_id, **customer(7)),
        ]
    )
    found = await shop_store.all()
    assert [one.status for one in found] == [
        _S.NEEDS_ANSWER,
        _S.NEEDS_FIRST_ANSWER,
        _S.WAITING_FOR_CUSTOMER,
    ]
    assert [one.name for one in found] == ["Ayşe", "Müşteri 1", "Müşteri 7"]


async def test_the_analysis_says_when_it_is_due_and_why(
    shop_store: ShopStore, clock: Clock
) -> None:
    await shop_store.receive(message(1, "Merhaba"), message(2, "Frenim tutmuyor"))
    assert (await shop_store.one()).due_at == at(1 + 4 * 3600)
    await shop_store.judge()
    one = await shop_store.one()
    assert one.due_at == at(1 + 3600)
    assert one.soon_at == at(1 + 2700)
    assert one.urgency is not None
    assert (one.urgency.score, one.urgency.category) == (7, "technical")
    assert one.urgency.words == ("fren", "acil")
    assert one.last is not None
    assert (one.last.text, one.last.sender, one.last.from_me) == ("Frenim tutmuyor", "Ayşe", False)
    clock.forward(20)
    await shop_store.receive(message(10, "Düştüm, kolum kanıyor"))
    await shop_store.judge(IN_DANGER, due=Due(clock.now, Why.DANGER))
    one = await shop_store.one()
    assert one.due_at == clock.now


async def test_the_most_urgent_is_shown(shop_store: ShopStore) -> None:
    await shop_store.receive(message(1))
    await shop_store.judge(CALM)
    assert (await shop_store.one()).due_at is None
    await shop_store.receive(message(2))
    await shop_store.judge(replace(IN_DANGER, urgency_score=9))
    one = await shop_store.one()
    assert one.urgency is not None
    assert (one.urgency.score, one.due_at) == (9, at(2))
    assert [str(danger) for danger in one.urgency.dangers] == ["injury", "ride"]


async def test_thanks_after_an_answer_start_no_clock(shop_store: ShopStore) -> None:
    await shop_store.receive(message(1), shop(8), message(9, "Teşekkürler"))
    assert await shop_store.statuses() == [_S.NEEDS_ANSWER]
    await shop_store.judge(CALM)
    assert await shop_store.statuses() == [_S.WAITING_FOR_CUSTOMER]


async def test_an_edit_is_judged_anew(shop_store: ShopStore) -> None:
    await shop_store.receive(message(1, "Frenim tutmuyor"))
    await shop_store.judge()
    edit = message(2, "Frenim tutuyor", kind=Kind.EDIT, target_id=_FIRST)
    await shop_store.receive(edit)
    one = await shop_store.one()
    assert (one.waiting_since, one.unanswered) == (at(1), 1)
    assert one.last is not None
    assert one.last.text == "Frenim tutuyor"
    less = replace(ANALYSIS, urgency_score=3, recommended_response_time=ResponseTime.ONE_DAY)
    for work in await shop_store.ledger.claim(9):
        await shop_store.ledger.analysed(work, replace(RECORD, analysis=less))
    one = await shop_store.one()
    assert one.urgency is not None
    assert (one.urgency.score, one.due_at) == (3, at(1) + timedelta(days=1))


async def test_what_was_answered_before_its_analysis_does_not_wait(shop_store: ShopStore) -> None:
    await shop_store.receive(message(1), shop(8))
    await shop_store.judge()
    one = await shop_store.one()
    assert (one.status, one.due_at, one.urgency) == (_S.WAITING_FOR_CUSTOMER, None, None)


async def test_what_happens_between_a_claim_and_its_analysis_is_not_lost(
    shop_store: ShopStore,
) -> None:
    await shop_store.receive(message(1), message(1, **customer(1)))
    works = await shop_store.ledger.claim(9)
    await shop_store.receive(shop(8), message(9, **customer(1)))
    for work in works:
        await shop_store.ledger.analysed(work, RECORD)
    answered, waiting = await shop_store.all()
    assert (answered.status, answered.urgency) == (_S.WAITING_FOR_CUSTOMER, None)
    assert (waiting.unanswered, waiting.due_at) == (2, at(1 + 3600))


async def test_a_vip_and_a_file_without_a_name(shop_store: ShopStore) -> None:
    photo = Media("image/jpeg", 99)
    await shop_store.receive(message(1, "", kind=Kind.IMAGE, media=photo, **customer(7)))
    one = await shop_store.one()
    assert one.is_vip
    assert one.last is not None
    assert (one.last.kind, one.last.text) == ("image", "[fotoğraf]")


@pytest.mark.parametrize(
    ("fields", "name", "number"),
    [
        ({"sender_name": ""}, "+905551112233", "+905551112233"),
        ({"sender_name": "", "chat": LID, "sender": LID}, "100000000000033@lid", ""),
        ({"chat": LID, "sender": LID}, "Ayşe", ""),
    ],
)
async def test_everybody_has_a_name(
    shop_store: ShopStore, fields: dict[str, Any], name: str, number: str
) -> None:
    await shop_store.receive(message(1, **fields))
    one = await shop_store.one()
    assert (one.name, one.number, one.is_group) == (name, number, False)


async def test_an_automatic_answer_may_stop_it(store_url: str, clock: Clock) -> None:
    rules = replace(RULES, automatic_stops=True)
    screening = Screening(ImportanceRules.of([], []), False, clock=rules)
    clock.forward(60)
    ledger = SqlLedger(store_url, screening, "me", clock=clock)
    try:
        await ledger.open()
        desk = SqlConversations(ledger.store, clock, rules)
        store = ShopStore(ledger, desk)
        await store.receive(message(1), message(9), shop(5, origin=Origin.SENT))
        assert (await store.one()).waiting_since == at(9)
        await store.receive(shop(10, origin=Origin.SENT))
        assert await store.statuses() == [_S.WAITING_FOR_CUSTOMER]
        await store.receive(message(12))
        assert await store.statuses() == [_S.NEEDS_FIRST_ANSWER]
    finally:
        await ledger.close()


def test_the_rules_without_settings_are_those_of_a_shop_that_is_always_open() -> None:
    assert ClockRules().within(ResponseTime.ONE_DAY) == timedelta(days=1)
