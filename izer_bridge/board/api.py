"""The board's routes: its page, the fragments that its script asks for, and what changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from izer_bridge.board.shared import SharedAnswers
from izer_bridge.board.stream import BoardStream
from izer_bridge.conversations.conversation import UNANSWERED, ConversationStatus, ListKey
from izer_bridge.conversations.ports import ConversationDesk
from izer_bridge.host.clock import Clock
from izer_bridge.replies.draft_desk import DraftDesk
from izer_bridge.search.history import ChatMessage
from izer_bridge.web.language import language_of
from izer_bridge.web.paging import cursor_of, place_of
from izer_bridge.web.problems import FieldError, ProblemError
from izer_bridge.writing.message import WrittenMessage
from izer_bridge.writing.quick_replies import QuickReply

if TYPE_CHECKING:
    from izer_bridge.board.page import ShownList
    from izer_bridge.board.pane import OpenConversation
    from izer_bridge.board.rows import Reader

_ROWS, _MESSAGES = 40, 20
_STATUSES = ", ".join(ConversationStatus)


class ChatReader(Protocol):
    """Raises TransientError without a store."""

    async def last(self, chat_id: int, count: int) -> Sequence[ChatMessage]:
        """The latest messages of a chat, oldest first. Raises LookupError if there is none."""
        ...

    async def unsent(self, chat_id: int) -> Sequence[WrittenMessage]:
        """What was written into a chat and has not arrived, oldest first."""
        ...

    async def quick_replies(self, chat_id: int) -> Sequence[QuickReply]: ...


@dataclass(frozen=True, slots=True)
class BoardRoutes:
    """Pages load htpy, so their modules are imported by the first request."""

    desk: ConversationDesk
    drafts: DraftDesk
    chats: ChatReader
    stream: BoardStream
    clock: Clock
    zone: tzinfo
    _lists: SharedAnswers = field(default_factory=SharedAnswers, init=False)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self.get, name="page-board")
        app.router.add_get("/board/list", self.list, name="page-board-list")
        app.router.add_get(r"/board/chats/{id:\d{1,18}}", self.pane, name="page-board-chat")
        app.router.add_get(r"/board/chats/{id:\d{1,18}}/quick", self.quick, name="page-board-quick")
        app.router.add_get("/board/events", self.stream.get, name="page-board-events")
        app.on_shutdown.append(self.stream.close)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """The whole page, `?status=` filtered, with the conversation `?chat=` open beside."""
        from izer_bridge.board.page import board_page

        shown, counts = await self._list(request), await self.desk.counts()
        chat = request.query.get("chat", "")
        opened = await self._open(int(chat)) if chat.isdecimal() and len(chat) < 19 else None
        return board_page(request, shown, counts, opened, self._reader(request))

    async def list(self, request: web.Request) -> web.StreamResponse:
        """The beginning of a list is the same for all who look at it."""
        if "after" in request.query:
            return _fragment(await self._lists_part(request))
        question = (language_of(request), _status(request.query.get("status")))
        return _fragment(await self._lists.get(question, lambda: self._lists_part(request)))

    async def _lists_part(self, request: web.Request) -> str:
        from izer_bridge.board.page import lists

        shown, counts = await self._list(request), await self.desk.counts()
        return str(lists(shown, counts, self._reader(request)))

    async def pane(self, request: web.Request) -> web.StreamResponse:
        from izer_bridge.board.pane import pane

        opened = await self._open(int(request.match_info["id"]))
        return _fragment(pane(opened, self._reader(request)))

    async def quick(self, request: web.Request) -> web.StreamResponse:
        """The knowledge files' texts, as buttons that insert them."""
        from izer_bridge.board.pane import quick_list

        found = await self.chats.quick_replies(int(request.match_info["id"]))
        return _fragment(quick_list(found, self._reader(request)))

    async def _list(self, request: web.Request) -> "ShownList":
        from izer_bridge.board.page import ShownList

        status = _status(request.query.get("status"))
        place = place_of(request.query.get("after"), datetime, int)
        page = await self.desk.page(
            [status] if status else UNANSWERED, ListKey(*place) if place else None, _ROWS
        )
        following = cursor_of(*page.following) if page.following else None
        return ShownList(status, page.conversations, following)

    async def _open(self, chat_id: int) -> "OpenConversation":
        from izer_bridge.board.pane import OpenConversation

        try:
            listed = await self.desk.get(chat_id)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        draft = await self.drafts.get(listed.draft_id) if listed.draft_id is not None else None
        said = await self.chats.last(chat_id, _MESSAGES)
        unsent = await self.chats.unsent(chat_id)
        return OpenConversation(listed, said, unsent, draft, self.zone)

    def _reader(self, request: web.Request) -> "Reader":
        from izer_bridge.board.rows import Reader

        return Reader(language_of(request), self.clock.now())


def _status(named: str | None) -> ConversationStatus | None:
    """None for everybody who waits for the shop. Raises ProblemError."""
    if not named:
        return None
    try:
        return ConversationStatus(named)
    except ValueError:
        fault = FieldError("status", f"expected one of {_STATUSES}")
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"status: {fault.message}", errors=[fault]
        ) from None


def _fragment(element: object) -> web.Response:
    from izer_bridge.web.page import HEADERS

    return web.Response(text=str(element), content_type="text/html", headers=HEADERS)
