"""A ledger with conversations over it, and messages as they arrive in a shop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.conversation import ConversationStatus, ListedConversation
from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.store.messages import ANALYSIS, NOON, RECORD, message

OWN = Jid.parse("905550000001@s.whatsapp.net")
OWNER = "+905550000099"
RULES = ClockRules(own_people=frozenset({OWNER, "100000000000077@lid"}))
CALM = replace(ANALYSIS, action_required=False, urgency_score=1)
ALL = tuple(ConversationStatus)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def shop(number: int, text: str = "Bakıyoruz", **fields: Any) -> Message:
    """The shop's `number`-th message, written on the phone."""
    return message(number, text, sender=OWN, from_me=True, **fields)


def customer(place: int) -> dict[str, Any]:
    """Another customer's chat."""
    jid = Jid(f"90555111{place:04}", "s.whatsapp.net")
    return {"chat": jid, "sender": jid, "sender_name": f"Müşteri {place}"}


@dataclass
class ShopStore:
    """`judge` gives every pending message the same analysis."""

    ledger: SqlLedger
    desk: SqlConversations

    async def receive(self, *messages: Message) -> None:
        """One after the other, each before the next one's analysis."""
        for one in messages:
            await self.ledger.record([one])

    async def judge(self, analysis: Analysis = ANALYSIS, **record: Any) -> None:
        for work in await self.ledger.claim(100, run=100):
            await self.ledger.analysed(work, replace(RECORD, analysis=analysis, **record))
            await self.ledger.bury(replace(work, state="analysed"), "done")  # type: ignore[arg-type]

    async def all(self) -> list[ListedConversation]:
        """In the order of their chats."""
        pages = [await self.desk.page([status]) for status in ALL]
        found = [one for page in pages for one in page.conversations]
        return sorted(found, key=lambda one: one.chat_id)

    async def one(self) -> ListedConversation:
        [found] = await self.all()
        return found

    async def statuses(self) -> Sequence[ConversationStatus]:
        return [one.status for one in await self.all()]
