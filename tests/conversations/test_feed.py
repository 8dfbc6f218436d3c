"""Many boards are told of changes that were read once."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from izer_bridge.conversations.conversation import (
    ConversationStatus,
    ListedConversation,
    StatusCounts,
)
from izer_bridge.conversations.feed import ConversationFeed
from izer_bridge.conversations.ports import BoardChange
from izer_bridge.host.loop import Hint
from tests.conversations.shop import ShopStore, customer
from tests.store.ledgers import Clock
from tests.store.messages import NOON, message

_COUNTS = StatusCounts({ConversationStatus.NEEDS_ANSWER: 3}, 1, 1)


@dataclass
class Source:
    """What has changed, by hand; counts how often it was read."""

    changed: dict[int, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def changed_since(self, moment: datetime) -> Sequence[tuple[int, datetime]]:
        self.asked.append("changed")
        return [(chat, at) for chat, at in self.changed.items() if at >= moment]

    async def some(self, chat_ids: Collection[int]) -> Sequence[ListedConversation]:
        self.asked.append("some")
        return [conversation(one) for one in chat_ids]

    async def counts(self) -> StatusCounts:
        self.asked.append("counts")
        return _COUNTS


def conversation(chat_id: int) -> ListedConversation:
    return ListedConversation(
        *(chat_id, "+905550000001", "Ayşe", "", False, False, False),
        *(ConversationStatus.NEEDS_ANSWER, NOON, "1-0"),
    )


def chats(change: BoardChange) -> list[int]:
    return [one.chat_id for one in change.conversations]


async def test_a_change_is_read_once_and_heard_by_all(clock: Clock) -> None:
    source = Source()
    feed = ConversationFeed(source, clock)
    async with aclosing(feed.listen()) as one, aclosing(feed.listen()) as other:  # type: ignore[type-var]
        source.changed[7] = clock.now
        await feed.look()
        heard = [await anext(one), await anext(other)]
        assert heard[0] is heard[1]
        assert (chats(heard[0]), heard[0].counts, heard[0].is_partial) == ([7], _COUNTS, False)
        assert source.asked == ["changed", "some", "counts"]
        # Nothing new, although the window is looked at again.
        clock.forward(1)
        await feed.look()
        assert source.asked[3:] == ["changed"]


async def test_nobody_listens_and_nothing_is_read(clock: Clock) -> None:
    source = Source()
    feed = ConversationFeed(source, clock)
    await feed.look()
    async with aclosing(feed.listen()) as one:  # type: ignore[type-var]
        source.changed[1] = clock.now
        await feed.look()
        await anext(one)
    feed.listen()  # Never begun, and gone at once.
    read = len(source.asked)
    await feed.look()
    assert len(source.asked) == read


async def test_a_late_commit_is_seen(clock: Clock) -> None:
    source = Source()
    feed = ConversationFeed(source, clock)
    async with aclosing(feed.listen()) as one:  # type: ignore[type-var]
        await feed.look()
        source.changed[3] = clock.now - timedelta(seconds=20)
        clock.forward(2)
        await feed.look()
        assert chats(await anext(one)) == [3]


async def test_a_slow_listener_hears_it_merged(clock: Clock) -> None:
    source = Source()
    feed = ConversationFeed(source, clock)
    async with aclosing(feed.listen()) as one:  # type: ignore[type-var]
        for chat in (1, 2, 1):
            clock.forward(1)
            source.changed[chat] = clock.now
            await feed.look()
        assert sorted(chats(await anext(one))) == [1, 2]


async def test_too_much_at_once_is_not_told_one_by_one(clock: Clock) -> None:
    source = Source(dict.fromkeys(range(150), NOON))
    feed = ConversationFeed(source, clock)
    async with aclosing(feed.listen()) as one:  # type: ignore[type-var]
        await feed.look()
        assert await anext(one) == BoardChange((), _COUNTS, is_partial=True)
        assert "some" not in source.asked


async def test_it_wakes_who_waits(clock: Clock) -> None:
    source = Source()
    hint = Hint()
    feed = ConversationFeed(source, clock, hint)
    loop = feed.loop()
    running = asyncio.create_task(loop.run())
    async with aclosing(feed.listen()) as one, asyncio.timeout(20):  # type: ignore[type-var]
        heard = asyncio.ensure_future(anext(one))
        source.changed[5] = clock.now
        hint()
        assert chats(await heard) == [5]
    loop.stop()
    await running


async def test_the_store_tells_what_changes_in_it(shop_store: ShopStore, clock: Clock) -> None:
    feed = ConversationFeed(shop_store.desk, clock)
    listener: Any = feed.listen()
    await shop_store.receive(message(1), message(2, **customer(1)))
    await feed.look()
    change = await anext(listener)
    assert [one.name for one in change.conversations] == ["Ayşe", "Müşteri 1"]
    assert change.counts.by_status == {ConversationStatus.NEEDS_FIRST_ANSWER: 2}
    clock.forward(5)
    first, second = chats(change)
    await shop_store.desk.done(second, "Ayşe")
    await shop_store.desk.snooze(first, clock.now + timedelta(seconds=40), "Ayşe")
    await feed.look()
    assert sorted(chats(await anext(listener))) == [first, second]
    clock.forward(45)
    await feed.look()
    woken = await anext(listener)
    assert [(one.chat_id, one.status) for one in woken.conversations] == [
        (first, ConversationStatus.NEEDS_FIRST_ANSWER)
    ]
    await listener.aclose()
