"""The pages `/search` and `/chats/{id}`: their routes, and what is read for them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from http import HTTPStatus

from aiohttp import web

from izer_bridge.domain.errors import ConfigError
from izer_bridge.search.history import ShownPart
from izer_bridge.search.store.find import FoundPart, find
from izer_bridge.search.store.history import read_part
from izer_bridge.search.wished import Wished
from izer_bridge.search.words import UnsearchableError, WhyNot
from izer_bridge.store.database import Database
from izer_bridge.web.paging import cursor_of, place_of
from izer_bridge.web.problems import ProblemError

_ROWS, _MESSAGES = 30, 50


@dataclass(frozen=True, slots=True)
class ReadingPages:
    """Pages load htpy, so their modules are imported by the first request."""

    store: Callable[[], Awaitable[Database]]
    zone: tzinfo

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/search", self.search, name="page-search")
        app.router.add_get(r"/chats/{id:\d{1,18}}", self.chat, name="page-chat")

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Without words the form alone; what is wrong is said above it."""
        from izer_bridge.search.search_page import search_page

        wished = Wished.of(request)
        found, wrong = FoundPart((), None), None
        if wished.q:
            [begin] = place_of(request.query.get("cursor"), int) or [None]
            try:
                search = wished.search(self.zone)
                store = await self.store()
                found = await store.read(lambda one: find(one, search, _ROWS, begin))
            except UnsearchableError as error:
                wrong = error.why
            except ConfigError:
                wrong = WhyNot.NOBODY
        following = None if found.next is None else cursor_of(found.next)
        return search_page(request, wished, found.messages, following, wrong, self.zone)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """The latest part, `?before=` a cursor, `?at=` around a message, or `?after=` a message."""
        from izer_bridge.search.chat_page import chat_page

        part = await self._part(request)
        return chat_page(request, part, self.zone)

    async def _part(self, request: web.Request) -> ShownPart:
        chat_id = int(request.match_info["id"])
        place = place_of(request.query.get("before"), datetime, int)
        before = None if place is None else (place[0], place[1])
        at, after = (_number(request.query.get(name, "")) for name in ("at", "after"))
        store = await self.store()
        try:
            return await store.read(
                lambda one: read_part(one, chat_id, _MESSAGES, before=before, at=at, after=after)
            )
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
