"""`GET /board/events`: what changes, to each open board, as server-sent events.

An event is rendered once for all boards of a language. A board that reads too slowly, or whose
reader may not come in any more, is disconnected; whoever connects reads the list anew.
"""

import asyncio
import json
from http import HTTPStatus
from time import monotonic

from aiohttp import web

from izer_bridge.conversations.conversation import ConversationStatus, StatusCounts
from izer_bridge.conversations.ports import BoardChange, ConversationChanges
from izer_bridge.domain.errors import TransientError
from izer_bridge.host.clock import Clock
from izer_bridge.web.access import ACCESS
from izer_bridge.web.language import Language, language_of
from izer_bridge.web.problems import ProblemError
from izer_bridge.web.static_files import address

MOST_BOARDS = 100
# Beyond that a list is quicker read anew than row by row.
MOST_ROWS = 30
BEAT_SECONDS = 10.0
WRITE_SECONDS = 10.0
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # nginx would hold events back until its buffer is full.
    "X-Accel-Buffering": "no",
}


class _Over(Exception):  # noqa: N818 - no error
    """The bridge stops."""


class BoardStream:
    """For at most `most_boards`. At most `beat_seconds` pass between two events of a board; one
    whose reader has not made room for an event after `write_seconds` is dropped.
    """

    def __init__(
        self,
        changes: ConversationChanges,
        clock: Clock,
        *,
        most_boards: int = MOST_BOARDS,
        beat_seconds: float = BEAT_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        self._changes = changes
        self._clock = clock
        self._most_boards = most_boards
        self._beat_seconds = beat_seconds
        self._write_seconds = write_seconds
        self._ending = asyncio.Event()
        self._rendered: dict[Language, tuple[BoardChange, bytes]] = {}
        self._boards = 0

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Raises ProblemError if too many boards are open."""
        if self._boards >= self._most_boards:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self._most_boards} boards are open; close one",
                headers={"Retry-After": "30"},
            )
        self._boards += 1
        try:
            response = web.StreamResponse(headers=_HEADERS)
            await response.prepare(request)
            await self._serve(request, response)
        finally:
            self._boards -= 1
        return response

    async def close(self, _: web.Application) -> None:
        self._ending.set()

    async def _serve(self, request: web.Request, response: web.StreamResponse) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._tell(request, response))
                tasks.create_task(self._beat(request, response))
        except* (_Over, ConnectionError, TransientError, ProblemError, web.HTTPException):
            pass
        except* TimeoutError:
            if request.transport is not None:
                request.transport.abort()

    async def _tell(self, request: web.Request, response: web.StreamResponse) -> None:
        language = language_of(request)
        # Whoever has an older script must load the page anew.
        await self._write(response, _event({"script": address("page.js"), "again": True}))
        async for change in self._changes.listen():
            await self._write(response, self._told(change, language))

    async def _beat(self, request: web.Request, response: web.StreamResponse) -> None:
        while not await self._ended():
            await request.app[ACCESS].caller(request, monotonic())
            await self._write(response, _event({}))
        raise _Over

    async def _write(self, response: web.StreamResponse, event: bytes) -> None:
        """Raises TimeoutError for a reader who does not keep up."""
        async with asyncio.timeout(self._write_seconds):
            await response.write(event)

    async def _ended(self) -> bool:
        try:
            async with asyncio.timeout(self._beat_seconds):
                return await self._ending.wait()
        except TimeoutError:
            return False

    def _told(self, change: BoardChange, language: Language) -> bytes:
        known = self._rendered.get(language)
        if known is None or known[0] is not change:
            known = (change, _event(self._changed(change, language)))
            self._rendered[language] = known
        return known[1]

    def _changed(self, change: BoardChange, language: Language) -> dict[str, object]:
        # Only now: it loads htpy.
        from izer_bridge.board.rows import Reader, row

        is_much = change.is_partial or len(change.conversations) > MOST_ROWS
        reader = Reader(language, self._clock.now())
        shown = () if is_much else change.conversations
        return {
            "again": is_much,
            "counts": counted(change.counts),
            "rows": {one.chat_id: str(row(one, reader)) for one in shown},
        }


def counted(counts: StatusCounts) -> dict[str, int]:
    """By status, with those that are late."""
    by_status = {str(one): counts.by_status.get(one, 0) for one in ConversationStatus}
    return by_status | {"late": counts.breached}


def _event(data: dict[str, object]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()
