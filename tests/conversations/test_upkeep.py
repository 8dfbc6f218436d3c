"""What time, retention and an older version's store do to conversations, on both stores."""

from datetime import timedelta

from izer_bridge.conversations.conversation import ConversationDecision, ConversationStatus
from izer_bridge.conversations.upkeep import ConversationUpkeep
from izer_bridge.domain.message import Message
from izer_bridge.pipeline.store.remove_messages import remove_messages
from tests.conversations.shop import CALM, ShopStore, customer, shop
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock
from tests.store.messages import NOON, in_group, message

_S = ConversationStatus


def upkeep(shop_store: ShopStore, clock: Clock) -> ConversationUpkeep:
    return ConversationUpkeep(shop_store.desk.begin_missing, shop_store.desk.close_silent, clock)


def _answer_to(place: int) -> Message:
    return shop(9, chat=customer(place)["chat"])


async def test_a_store_from_before_gets_its_conversations(
    shop_store: ShopStore, clock: Clock, stored: Store
) -> None:
    await shop_store.receive(message(1), message(2, **customer(1)), shop(8), message(9))
    await shop_store.judge()
    before = await shop_store.all()
    await stored.execute("DELETE FROM conversations")
    assert await shop_store.all() == []
    assert not await upkeep(shop_store, clock).run_once()
    assert await shop_store.all() == before
    clock.forward(30)
    assert not await upkeep(shop_store, clock).run_once()
    assert await shop_store.all() == before


async def test_what_is_silent_for_a_week_is_over_unless_an_answer_is_due(
    shop_store: ShopStore, clock: Clock
) -> None:
    await shop_store.receive(message(1), message(1, **customer(1)), _answer_to(1))
    await shop_store.judge()
    await shop_store.receive(message(1, "Merhaba", **customer(2)))
    await shop_store.judge(CALM)
    assert not await upkeep(shop_store, clock).run_once()
    assert _S.DONE not in await shop_store.statuses()
    clock.forward(timedelta(days=8).total_seconds())
    await upkeep(shop_store, clock).run_once()
    waiting, answered, greeted = await shop_store.all()
    assert waiting.status is _S.NEEDS_FIRST_ANSWER
    for one in (answered, greeted):
        assert (one.status, one.waiting_since, one.unanswered) == (_S.DONE, None, 0)
        assert one.decided is not None
        assert (one.decided.decision, one.decided.by) == (ConversationDecision.DONE, "bridge")


async def test_nobody_waits_for_an_answer_to_what_was_removed(
    shop_store: ShopStore, stored: Store
) -> None:
    await shop_store.receive(message(1), message(2, **customer(1)), _answer_to(1))
    group = {"chat_name": "İzer Management"}
    await shop_store.receive(shop(3, chat=in_group(0).chat), in_group(4, **group))
    await shop_store.judge()
    ids = {row.message_id: row.id for row in await stored.messages()}
    store = await shop_store.ledger.store()
    gone = [ids[message(1).message_id], ids[in_group(4).message_id], ids[message(2).message_id]]
    await store.write(lambda connection: remove_messages(connection, gone, NOON))
    found = await shop_store.all()
    assert [(one.is_group, one.status, one.urgency) for one in found] == [
        (False, _S.WAITING_FOR_CUSTOMER, None),
        (True, _S.WAITING_FOR_CUSTOMER, None),
    ]
