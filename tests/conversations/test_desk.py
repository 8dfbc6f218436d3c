"""A person sees and decides conversations, on both stores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationDecision,
    ConversationStatus,
    Decider,
    ListKey,
)
from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.domain.analysis import ResponseTime
from izer_bridge.domain.escalation import Due, Why
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_verdict import OwnerDecision, OwnerVerdict
from tests.conversations.shop import CALM, RULES, ShopStore, at, customer, shop
from tests.end_to_end.stored import Store
from tests.replies.test_outbox import answered
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, ANALYSIS, NOON, message

_S, _D = ConversationStatus, ConversationDecision
_HOUR = timedelta(hours=1)


async def test_done_ends_the_escalation_and_a_new_message_reopens_it(
    shop_store: ShopStore, clock: Clock, stored: Store
) -> None:
    await shop_store.receive(message(1))
    await shop_store.judge(due=Due(NOON, Why.VIP))
    one = await shop_store.one()
    ruling = await shop_store.desk.done(one.chat_id, "Ayşe", one.version)
    assert ruling.is_changed
    assert ruling.conversation.status is _S.DONE
    assert ruling.conversation.decided == Decider(_D.DONE, "Ayşe", clock.now)
    [escalation] = await stored.rows("SELECT * FROM escalations")
    assert (escalation.state, escalation.ended_by) == ("closed", "Ayşe")
    await shop_store.receive(message(70))
    one = await shop_store.one()
    assert (one.status, one.unanswered) == (_S.NEEDS_FIRST_ANSWER, 1)


async def test_a_mistaken_done_is_taken_back_whole(shop_store: ShopStore) -> None:
    await shop_store.receive(message(1), message(2))
    await shop_store.judge()
    before = await shop_store.one()
    await shop_store.desk.done(before.chat_id, "Ayşe")
    after = (await shop_store.desk.reopen(before.chat_id, "Mehmet")).conversation
    same = {"version": before.version, "changed_at": before.changed_at, "decided": None}
    assert replace(after, **same) == before  # type: ignore[arg-type]
    assert after.decided is not None
    assert (after.decided.decision, after.decided.by) == (_D.REOPENED, "Mehmet")


async def test_the_second_is_told_who_was_first(shop_store: ShopStore, clock: Clock) -> None:
    await shop_store.receive(message(1))
    chat, seen = (await shop_store.one()).chat_id, (await shop_store.one()).version
    await shop_store.desk.done(chat, "Ayşe", seen)
    first = Decider(_D.DONE, "Ayşe", clock.now)
    clock.forward(5)
    for second in (
        await shop_store.desk.done(chat, "Mehmet", seen),
        await shop_store.desk.done(chat, "Mehmet"),
        await shop_store.desk.snooze(chat, clock.now + _HOUR, "Mehmet", seen),
    ):
        assert (second.is_changed, second.first) == (False, first)
        assert second.conversation.status is _S.DONE


async def test_nobody_is_done_with_what_they_have_not_seen(shop_store: ShopStore) -> None:
    await shop_store.receive(message(1))
    one = await shop_store.one()
    await shop_store.receive(message(1_000, "Fren tutmuyor!"))
    ruling = await shop_store.desk.done(one.chat_id, "Ayşe", one.version)
    assert (ruling.is_changed, ruling.first) == (False, None)
    assert ruling.conversation.status is _S.NEEDS_FIRST_ANSWER


async def test_a_snooze_ends_by_itself_or_by_a_message(shop_store: ShopStore, clock: Clock) -> None:
    await shop_store.receive(message(1), message(1, **customer(1)))
    first, second = [one.chat_id for one in await shop_store.all()]
    until = clock.now + _HOUR
    for chat in (first, second):
        await shop_store.desk.snooze(chat, until, "Ayşe")
    counts = await shop_store.desk.counts()
    assert counts.by_status == {_S.SNOOZED: 2}
    page = await shop_store.desk.page([_S.SNOOZED])
    assert [one.snoozed_until for one in page.conversations] == [until, until]
    assert (await shop_store.desk.page()).conversations == []
    await shop_store.receive(message(61))
    assert [one.chat_id for one in (await shop_store.desk.page()).conversations] == [first]
    clock.forward(3600)
    found = {one.chat_id: one for one in (await shop_store.desk.page()).conversations}
    assert found.keys() == {first, second}
    assert found[second].snoozed_until is None
    assert (await shop_store.desk.counts()).by_status == {_S.NEEDS_FIRST_ANSWER: 2}


async def test_a_wrong_moment_or_chat_changes_nothing(shop_store: ShopStore, clock: Clock) -> None:
    await shop_store.receive(message(1))
    one = await shop_store.one()
    for until in (clock.now, clock.now - _HOUR, clock.now + timedelta(days=999)):
        with pytest.raises(ValueError, match=r"^until: "):
            await shop_store.desk.snooze(one.chat_id, until, "Ayşe")
        with pytest.raises(ValueError, match=r"^until: "):
            await shop_store.desk.pause(one.chat_id, until, "Ayşe")
    desk = shop_store.desk
    for asked in (desk.get(999), desk.done(999, "Ayşe"), desk.resume(999, "Ayşe")):
        with pytest.raises(LookupError, match="there is no conversation 999"):
            await asked
    assert await shop_store.one() == one
    assert await desk.some([999, one.chat_id]) == [one]
    assert await desk.some([]) == ()


async def test_the_bot_is_paused_by_somebody(shop_store: ShopStore, clock: Clock) -> None:
    await shop_store.receive(message(1))
    chat = (await shop_store.one()).chat_id
    paused = await shop_store.desk.pause(chat, None, "Ayşe")
    assert paused.is_changed
    assert (paused.conversation.is_paused, paused.conversation.paused_by) == (True, "Ayşe")
    again = await shop_store.desk.pause(chat, None, "Mehmet")
    assert (again.is_changed, again.conversation.paused_by) == (False, "Ayşe")
    assert (await shop_store.desk.resume(chat, "Mehmet")).is_changed
    assert not (await shop_store.desk.resume(chat, "Mehmet")).is_changed
    until = clock.now + _HOUR
    paused = await shop_store.desk.pause(chat, until, "Mehmet")
    assert paused.conversation.paused_until == until
    clock.forward(3600)
    assert not (await shop_store.one()).is_paused


async def test_lists_go_by_time_left_page_by_page(shop_store: ShopStore, clock: Clock) -> None:
    times = [ResponseTime.ONE_DAY, ResponseTime.ONE_HOUR, ResponseTime.FOUR_HOURS]
    for place, time in enumerate([*times, times[1]]):
        await shop_store.receive(message(place, **customer(place)))
        await shop_store.judge(replace(ANALYSIS, recommended_response_time=time))
    await shop_store.receive(message(9, **customer(9)))
    await shop_store.judge(CALM)
    shown, after = [], None
    while True:
        page = await shop_store.desk.page(after=after, limit=2)
        shown += [one.name for one in page.conversations]
        if page.following is None:
            break
        after = page.following
    assert shown == [f"Müşteri {place}" for place in (1, 3, 2, 0, 9)]
    clock.forward(4 * 3600)
    counts = await shop_store.desk.counts()
    assert (counts.breached, counts.soon) == (3, 0)
    clock.forward(14 * 3600)
    assert (await shop_store.desk.counts()).soon == 1


async def test_quiet_ones_are_listed_latest_first(shop_store: ShopStore) -> None:
    for place in range(3):
        await shop_store.receive(shop(place + 5, **_to(place)))
    page = await shop_store.desk.page([_S.WAITING_FOR_CUSTOMER], limit=2)
    assert [one.last and one.last.sent_at for one in page.conversations] == [at(7), at(6)]
    rest = await shop_store.desk.page([_S.WAITING_FOR_CUSTOMER], page.following)
    assert [one.last and one.last.sent_at for one in rest.conversations] == [at(5)]
    assert rest.following is None
    assert (await shop_store.desk.counts()).by_status == {_S.WAITING_FOR_CUSTOMER: 3}


def _to(place: int) -> dict[str, Any]:
    return {"chat": customer(place)["chat"]}


@pytest.mark.parametrize(
    "statuses", [[], [_S.DONE, _S.SNOOZED], [_S.NEEDS_ANSWER, _S.DONE], list(_S)]
)
async def test_lists_without_a_common_order_are_refused(
    shop_store: ShopStore, statuses: list[ConversationStatus]
) -> None:
    with pytest.raises(ValueError, match="status: expected one, or"):
        await shop_store.desk.page(statuses, ListKey(NOON, 1))


@pytest.mark.parametrize(
    ("decide", "statuses"),
    [
        (lambda desk, chat: desk.page([_S.NEEDS_ANSWER]), [_S.NEEDS_ANSWER]),
        (lambda desk, chat: desk.page([_S.NEEDS_FIRST_ANSWER]), [_S.NEEDS_FIRST_ANSWER]),
        (lambda desk, chat: desk.page(UNANSWERED), [_S.NEEDS_FIRST_ANSWER, _S.NEEDS_ANSWER]),
    ],
)
async def test_one_status_of_two(
    shop_store: ShopStore,
    decide: Callable[[SqlConversations, int], object],
    statuses: list[ConversationStatus],
) -> None:
    await shop_store.receive(message(1), message(2, **customer(1)), shop(9, **_to(1)))
    await shop_store.receive(message(10, **customer(1)))
    page = await decide(shop_store.desk, 1)  # type: ignore[misc]
    assert [one.status for one in page.conversations] == statuses


async def test_a_draft_is_shown_until_it_is_decided(
    store_url: str, clock: Clock, stored: Store
) -> None:
    clock.forward(60)
    policy = ReplyPolicy(mode=Mode.DRAFT)
    screening = Screening(ImportanceRules.of([], []), False, policy, clock=RULES)
    ledger = SqlLedger(store_url, screening, "me", clock=clock)
    try:
        await ledger.open()
        desk = SqlConversations(ledger.store, clock, RULES)
        store = ShopStore(ledger, desk)
        await answered(ledger, message(1))
        one = await store.one()
        assert one.draft_id is not None
        assert not one.is_answer_on_its_way
        clock.forward(9)
        approve = OwnerDecision(OwnerVerdict.APPROVE, "Ayşe")
        await ledger.drafts().decide(one.draft_id, approve)
        later = await store.one()
        assert (later.draft_id, later.is_answer_on_its_way) == (None, True)
        assert later.status is _S.NEEDS_FIRST_ANSWER
        assert later.changed_at == clock.now
        # What is approved goes out, whoever is done with the chat; a draft does not.
        await desk.done(one.chat_id, "Ayşe")
        assert await _states(stored) == ["approved"]
        clock.forward(60)
        await answered(ledger, message(30))
        await desk.done(one.chat_id, "Ayşe")
        assert (await _states(stored))[1] == OutboxState.CANCELLED
    finally:
        await ledger.close()


async def _states(stored: Store) -> list[str]:
    return [row.state for row in await stored.rows("SELECT state FROM outbox ORDER BY id")]


async def test_an_approved_draft_stops_the_clock_once_it_is_sent(
    store_url: str, clock: Clock
) -> None:
    from izer_bridge.domain.outgoing import HandedOver

    clock.forward(60)
    screening = Screening(
        ImportanceRules.of([], []), False, ReplyPolicy(mode=Mode.DRAFT), clock=RULES
    )
    ledger = SqlLedger(store_url, screening, "me", clock=clock)
    try:
        await ledger.open()
        store = ShopStore(ledger, SqlConversations(ledger.store, clock, RULES))
        await answered(ledger, message(1))
        draft_id = (await store.one()).draft_id
        assert draft_id is not None
        await ledger.drafts().decide(draft_id, OwnerDecision(OwnerVerdict.APPROVE, "Ayşe"))
        outbox = ledger.outbox()
        due = await outbox.next_due(ACCOUNT)
        assert due is not None
        claimed = await outbox.claim(due.row_id, bytes(32))
        assert claimed is not None
        await outbox.sent(claimed, HandedOver("3EBSENT", clock.now))
        assert await store.statuses() == [_S.WAITING_FOR_CUSTOMER]
    finally:
        await ledger.close()
