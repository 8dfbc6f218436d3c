"""Builds the board's pages out of the rooms that it shows."""

from collections.abc import Awaitable, Callable, Sequence

from izer_bridge.board.api import BoardRoutes
from izer_bridge.board.stream import BoardStream
from izer_bridge.config import Config
from izer_bridge.conversations.wiring import ConversationParts
from izer_bridge.host.clock import CLOCK
from izer_bridge.replies.draft_desk import DraftDesk
from izer_bridge.replies.wiring import reply_policy
from izer_bridge.search.history import ChatMessage
from izer_bridge.search.store.history import read_history
from izer_bridge.store.database import Database
from izer_bridge.writing.quick_replies import QuickReplies, QuickReply
from izer_bridge.writing.store.asked import SqlQuestions
from izer_bridge.writing.store.written import SqlWriting


class StoredChats:
    """`store` waits for a database that has its tables."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], writing: SqlWriting, quick: QuickReplies
    ) -> None:
        self._store = store
        self._quick = quick
        self.unsent = writing.unsent

    async def last(self, chat_id: int, count: int) -> Sequence[ChatMessage]:
        store = await self._store()
        found = await store.read(lambda connection: read_history(connection, chat_id, count))
        return found.messages[::-1]

    async def quick_replies(self, chat_id: int) -> Sequence[QuickReply]:
        asked = await SqlQuestions(self._store).last(chat_id)
        return await self._quick.offered(asked.text, asked.language)


def build_board(
    config: Config,
    store: Callable[[], Awaitable[Database]],
    conversations: ConversationParts,
    drafts: DraftDesk,
    quick: QuickReplies,
) -> BoardRoutes:
    return BoardRoutes(
        conversations.desk,
        drafts,
        StoredChats(store, SqlWriting(store, CLOCK.now, reply_policy(config)), quick),
        BoardStream(conversations.feed, CLOCK),
        CLOCK,
        config.shop.zone,
    )
