"""Messages under `/v1`: found by their words, and a conversation's from its latest back."""

import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from pydantic import AwareDatetime, Field

from izer_bridge.domain.analysis import Category
from izer_bridge.domain.errors import ConfigError
from izer_bridge.pipeline.store.browsing import MessageFilter
from izer_bridge.search.line_formats import TYPES, ExportFormat, writer_of
from izer_bridge.search.store.find import FoundPart, Search, find
from izer_bridge.search.store.history import read_history
from izer_bridge.search.words import LONGEST_TERMS, UnsearchableError, beginnings_of
from izer_bridge.store.database import Database
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    RawAnswer,
    ToldFields,
)
from izer_bridge.web.paging import Page, cursor_of, place_of
from izer_bridge.web.problems import FieldError, ProblemError

_MOST_EXPORTED, _TOGETHER = 10_000, 1_000
_LONGEST_NAME = 255


class SearchFields(AskedFields):
    """What is looked for. `person` is part of a name, a number or a LID."""

    q: str = Field(max_length=LONGEST_TERMS, description="What words of the message begin with.")
    conversation_id: int | None = Field(None, ge=1, lt=2**63)
    person: str | None = Field(None, min_length=1, max_length=_LONGEST_NAME)
    category: Category | None = None
    since: AwareDatetime | None = Field(None, description="Said then or later.")
    until: AwareDatetime | None = Field(None, description="Said before then.")

    def search(self, *, is_best_first: bool = False) -> Search:
        """Raises ProblemError for terms that cannot be searched for."""
        try:
            beginnings_of(self.q)
        except UnsearchableError as error:
            raise _wrong("q", str(error)) from None
        wanted = MessageFilter(
            chat_id=self.conversation_id,
            person=self.person,
            category=self.category,
            since=self.since,
            until=self.until,
        )
        return Search(self.q, wanted, is_best_first)


class SearchQuery(SearchFields, Page):
    best_first: bool = Field(False, description="The best first, else the newest.")


class ExportQuery(SearchFields):
    format: ExportFormat = ExportFormat.CSV


class FoundMessage(ToldFields):
    """A message. Its conversation has the id `chat_id`; `urgency` is 1 to 10, if it is analysed."""

    id: int = Field(validation_alias="row_id")
    chat_id: int
    message_id: str
    sent_at: datetime
    chat: str
    sender: str
    from_me: bool
    kind: str
    text: str
    revoked: bool
    vip: bool
    urgency: int | None
    category: str | None
    sentiment: str | None


class FoundMessages(ToldFields):
    """A page may be short, even empty, and yet have a next one."""

    items: Sequence[FoundMessage]
    next_cursor: str | None


class HistoryQuery(Page):
    begin: int | None = Field(
        None, ge=1, lt=2**63, description="The id of the message to begin with."
    )


class EditTold(ToldFields):
    at: datetime
    text: str


class ReactionTold(ToldFields):
    sender: str
    at: datetime
    emoji: str


class FileTold(ToldFields):
    """`id` is that of `/v1/media/{id}`; it is there if `state` is `kept`."""

    id: int | None
    type: str
    size: int
    file_name: str | None
    state: str
    words: str | None


class QuotedTold(ToldFields):
    sender: str
    text: str


class SendingTold(ToldFields):
    """How the bridge came to send it; `answers` is the message that it answers."""

    agent: str | None
    decided_by: str | None
    answers: int | None
    delivered_at: datetime | None
    read_at: datetime | None


class JudgementTold(ToldFields):
    urgency: int
    category: str
    sentiment: str
    priority: str
    needs_answer: bool
    raised_because: str | None


class MessageTold(ToldFields):
    """`text` is what it says now, `first_text` what it said before its edits."""

    id: int
    message_id: str
    sent_at: datetime
    from_me: bool
    is_automatic: bool
    sender: str
    kind: str
    text: str
    first_text: str | None
    edits: Sequence[EditTold]
    revoked_at: datetime | None
    quoted: QuotedTold | None
    file: FileTold | None
    reactions: Sequence[ReactionTold]
    sending: SendingTold | None
    answered_by: int | None
    judgement: JudgementTold | None
    state: str
    skip_reason: str | None


class GapTold(ToldFields):
    """A message that is known to be missing, noticed then."""

    noticed_at: datetime
    reason: str


class MessageList(ToldFields):
    """Latest first. `gaps` lie between these messages by their times."""

    items: Sequence[MessageTold]
    gaps: Sequence[GapTold]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SearchOperations:
    """`store` waits for a database that has its tables."""

    store: Callable[[], Awaitable[Database]]

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/search",
                "search_messages",
                "Messages that have a word with each of these beginnings, in any spelling.",
                self.search,
                answer=FoundMessages,
                query=SearchQuery,
            ),
            Operation(
                "GET",
                "/v1/search/export",
                "export_search",
                f"The same as a file, newest first, {_MOST_EXPORTED} messages at most. A "
                "spreadsheet runs nothing of it.",
                self.export,
                answer=RawAnswer("text/csv", ("application/x-ndjson",)),
                query=ExportQuery,
            ),
            Operation(
                "GET",
                "/v1/conversations/{id}/messages",
                "list_messages",
                "A conversation, latest message first, with edits, receipts, reactions and gaps.",
                self.messages,
                answer=MessageList,
                query=HistoryQuery,
            ),
        )

    async def search(self, call: ApiCall[SearchQuery, NoFields]) -> FoundMessages:
        query = call.query
        [begin] = place_of(query.cursor, int) or [None]
        search = query.search(is_best_first=query.best_first)
        page = await self._page(search, query.limit, begin)
        return FoundMessages(
            items=[FoundMessage.model_validate(one) for one in page.messages],
            next_cursor=None if page.next is None else cursor_of(page.next),
        )

    async def export(self, call: ApiCall[ExportQuery, NoFields]) -> web.StreamResponse:
        search, as_what = call.query.search(), call.query.format
        file, left, page = io.StringIO(), _MOST_EXPORTED, FoundPart((), None)
        write = writer_of(file, as_what)
        while left:
            page = await self._page(search, min(_TOGETHER, left), page.next)
            for one in page.messages:
                write(one)
            left -= len(page.messages)
            if page.next is None:
                break
        ending = "jsonl" if as_what is ExportFormat.JSONL else "csv"
        return web.Response(
            text=file.getvalue(),
            content_type=TYPES[as_what],
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="izer-search.{ending}"'},
        )

    async def messages(self, call: ApiCall[HistoryQuery, NoFields]) -> MessageList:
        query, chat_id = call.query, call.id
        place = place_of(query.cursor, datetime, int)
        after = None if place is None else (place[0], place[1])
        store = await self.store()
        try:
            part = await store.read(
                lambda one: read_history(one, chat_id, query.limit, after, begin=query.begin)
            )
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        return MessageList(
            items=[MessageTold.model_validate(one) for one in part.messages],
            gaps=[GapTold.model_validate(one) for one in part.gaps],
            next_cursor=cursor_of(*part.following) if part.following else None,
        )

    async def _page(self, search: Search, limit: int, begin: int | None) -> FoundPart:
        store = await self.store()
        try:
            return await store.read(lambda one: find(one, search, limit, begin))
        except ConfigError as error:
            raise _wrong("person", str(error)) from None


def _wrong(name: str, why: str) -> ProblemError:
    fault = FieldError(name, why)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: {why}", errors=[fault])
