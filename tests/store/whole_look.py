"""All the store's statements for what people look at: one case for each kind of question."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from izer_bridge.conditions.store.mending import SqlMending
from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.conversation import UNANSWERED, ConversationStatus
from izer_bridge.conversations.store.desk import SqlConversations
from izer_bridge.domain.analysis import Category
from izer_bridge.pipeline.store.browsing import MessageFilter
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.report import PeriodName
from izer_bridge.reports.store.report import read_report
from izer_bridge.search.history import HistoryPart
from izer_bridge.search.store.find import Search, find
from izer_bridge.search.store.history import read_history, read_part
from tests.store.ledgers import Clock

_ZONE = ZoneInfo("Europe/Istanbul")
# The chat that contains a tenth of all messages; one of them stands in its middle.
_CHAT, _MIDDLE = 1, 50_001
_PAGE = 40
_ALL = MessageFilter()


@dataclass
class Look:
    """Asks everything, in a store that `many.fill` and `many.index` have filled."""

    ledger: SqlLedger
    clock: Clock

    async def go(self) -> None:
        await self.search()
        await self.history()
        await self.lists()
        await self.report(PeriodName.TODAY)
        await self.mending()

    async def search(self) -> None:
        """For words that two messages in a thousand have, and all, alone and beside conditions."""
        for terms in ("nadir", "fren", "fren nadir"):
            assert await self.found(terms)
            assert await self.found(terms, MessageFilter(chat_id=_CHAT))
            assert await self.found(terms, MessageFilter(category=Category.SALES))
        nowhere = MessageFilter(since=self.clock(), until=self.clock())
        assert not await self.found("nadir", nowhere)

    async def found(self, terms: str, wanted: MessageFilter = _ALL) -> int:
        """Newest and best first."""
        searches = [Search(terms, wanted, best) for best in (False, True)]
        store = await self.ledger.store()
        pages = await store.read(lambda one: [find(one, search, _PAGE) for search in searches])
        return sum(len(page.messages) for page in pages)

    async def history(self) -> None:
        """The latest page and the next one, one around a message, and the way back from it."""
        store, latest = await self.ledger.store(), await self.latest_page()
        assert latest.following
        await store.read(lambda one: read_history(one, _CHAT, _PAGE, latest.following))
        await store.read(lambda one: read_part(one, _CHAT, _PAGE, at=_MIDDLE))
        await store.read(lambda one: read_part(one, _CHAT, _PAGE, after=_MIDDLE))

    async def latest_page(self) -> HistoryPart:
        store = await self.ledger.store()
        return await store.read(lambda one: read_history(one, _CHAT, _PAGE))

    async def lists(self) -> None:
        """Conversations by status, a second page of each, the counts, and what has changed."""
        desk = SqlConversations(self.ledger.store, self.clock, ClockRules())
        for statuses in (UNANSWERED, *({one} for one in ConversationStatus)):
            page = await desk.page(statuses, limit=_PAGE)
            if page.following:
                page = await desk.page(statuses, page.following, _PAGE)
        await desk.some([one.chat_id for one in page.conversations])
        await desk.counts()
        await desk.changed_since(self.clock())

    async def report(self, period: PeriodName) -> None:
        store = await self.ledger.store()
        report = await store.read(
            lambda one: read_report(one, period, self.clock(), _ZONE, ClockRules())
        )
        assert report.now.messages

    async def mending(self) -> None:
        mending = SqlMending(self.ledger.store, self.clock)
        await mending.gaps(_PAGE)
        dead = await mending.dead_letters(_PAGE)
        await mending.dead_letters(_PAGE, dead[-1].row_id)
        await mending.lately_dead(_PAGE)
