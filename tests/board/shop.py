"""A board on stand-ins of what it shows: conversations in memory that a test changes."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from izer_bridge.api import application
from izer_bridge.board.api import BoardRoutes
from izer_bridge.board.stream import BoardStream
from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationPage,
    ConversationStatus,
    LastWords,
    ListedConversation,
    ListKey,
    StatusCounts,
    Urgency,
)
from izer_bridge.conversations.ports import BoardChange
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.host.clock import CLOCK
from izer_bridge.replies.draft_desk import DraftRow
from izer_bridge.search.history import ChatMessage
from izer_bridge.web.server import Server
from izer_bridge.writing.message import WrittenMessage
from izer_bridge.writing.quick_replies import QuickReply
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats

ZONE = ZoneInfo("Europe/Istanbul")
_END = datetime.max.replace(tzinfo=UTC)


def conversation(number: int, **changes: Any) -> ListedConversation:
    """An invented customer's, due `number` minutes from now."""
    now = datetime.now(UTC)
    since = now - timedelta(minutes=30)
    one = ListedConversation(
        chat_id=number,
        account="+905550000001",
        name=f"Müşteri {number}",
        number=f"+90555111{number:04}",
        is_group=False,
        is_vip=False,
        is_critical_group=False,
        status=ConversationStatus.NEEDS_FIRST_ANSWER,
        changed_at=now,
        version=f"{number}-0",
        waiting_since=since,
        soon_at=now + timedelta(minutes=number - 15),
        due_at=now + timedelta(minutes=number, seconds=30),
        unanswered=1,
        urgency=Urgency(number, 5, "normal", "inquiry", "neutral", ("fiyat",)),
        last=LastWords(
            number, "text", since, False, False, f"Müşteri {number}", "Fiyatı ne kadar?"
        ),
    )
    return replace(one, **changes)


def critical(number: int, **changes: Any) -> ListedConversation:
    judged = Urgency(
        number, 9, "critical", "technical", "urgent", ("fren", "tutmuyor"), (Danger.RIDE,)
    )
    return conversation(number, urgency=judged, **changes)


@dataclass
class Shop:
    """Conversations by chat, their messages and drafts; `change` tells the boards."""

    conversations: dict[int, ListedConversation] = field(default_factory=dict)
    said: dict[int, list[ChatMessage]] = field(default_factory=dict)
    drafts: dict[int, DraftRow] = field(default_factory=dict)
    written: dict[int, list[WrittenMessage]] = field(default_factory=dict)
    quick: list[QuickReply] = field(default_factory=list)
    _listeners: set["asyncio.Queue[BoardChange]"] = field(default_factory=set)

    def change(self, *changed: ListedConversation, is_partial: bool = False) -> None:
        self.conversations |= {one.chat_id: one for one in changed}
        told = BoardChange(changed, self._counted(), is_partial)
        for one in self._listeners:
            one.put_nowait(told)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def listen(self) -> AsyncIterator[BoardChange]:
        queue: asyncio.Queue[BoardChange] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(queue)

    async def page(
        self,
        statuses: Collection[ConversationStatus] = UNANSWERED,
        after: ListKey | None = None,
        limit: int = 50,
    ) -> ConversationPage:
        listed = [one for one in self.conversations.values() if one.status in statuses]
        keyed = sorted(
            ((ListKey(one.due_at or _END, one.chat_id), one) for one in listed),
            key=lambda pair: pair[0],
        )
        rest = [(key, one) for key, one in keyed if after is None or key > after]
        following = rest[limit - 1][0] if len(rest) > limit else None
        return ConversationPage([one for _, one in rest[:limit]], following)

    async def counts(self) -> StatusCounts:
        return self._counted()

    async def get(self, chat_id: int) -> ListedConversation:
        try:
            return self.conversations[chat_id]
        except KeyError:
            raise LookupError(f"there is no conversation {chat_id}") from None

    async def last(self, chat_id: int, count: int) -> Sequence[ChatMessage]:
        return self.said.get(chat_id, [])[-count:]

    async def unsent(self, chat_id: int) -> Sequence[WrittenMessage]:
        return self.written.get(chat_id, ())

    async def quick_replies(self, chat_id: int) -> Sequence[QuickReply]:
        return self.quick

    def _counted(self) -> StatusCounts:
        now, every = datetime.now(UTC), list(self.conversations.values())
        by_status: dict[ConversationStatus, int] = {
            status: sum(one.status is status for one in every)
            for status in ConversationStatus
            if status is not ConversationStatus.DONE
        }
        late = sum(one.status in UNANSWERED and one.due_at < now for one in every if one.due_at)
        return StatusCounts(by_status, 0, late)


class FakeDrafts:
    """Those of a shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def get(self, row_id: int) -> DraftRow:
        return self._shop.drafts[row_id]


def message(number: int, text: str, **changes: Any) -> ChatMessage:
    one = ChatMessage(
        id=number,
        message_id=f"3EB0{number}",
        sent_at=datetime.now(UTC),
        from_me=False,
        is_automatic=False,
        sender="Müşteri",
        kind=Kind.TEXT,
        text=text,
        first_text=None,
        edits=(),
        revoked_at=None,
        quoted=None,
        file=None,
        reactions=(),
        sending=None,
        answered_by=None,
        judgement=None,
        state="settled",
        skip_reason=None,
    )
    return replace(one, **changes)


def draft(number: int, chat_id: int, text: str) -> DraftRow:
    return DraftRow(
        id=number,
        chat_id=chat_id,
        state=OutboxState.DRAFT,
        chat_name="Müşteri",
        asked="Fiyatı ne kadar?",
        text=text,
        corrected=None,
        agent="business_workflow",
        confidence=0.9,
        reason="mode draft",
        created_at=datetime.now(UTC),
        expires_at=None,
        decided_by=None,
        decided_at=None,
        error=None,
    )


def server(shop: Shop, *, port: int = 0, **limits: Any) -> Server:
    """The interface of a bridge with this board alone."""
    app = application(FakeIntake(), FakeHealth(), FakeStats())
    stream = BoardStream(shop, CLOCK, **limits)
    drafts: Any = FakeDrafts(shop)
    desk: Any = shop
    BoardRoutes(desk, drafts, shop, stream, CLOCK, ZONE).add_to(app)
    return Server(app, port=port, stop_seconds=1)
