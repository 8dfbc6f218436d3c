"""Messages written by people and programs, under `/v1`: into the outbox, and how far each is."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog
from pydantic import Field

from izer_bridge.domain.message import Kind
from izer_bridge.domain.sendable_text import LONGEST_TEXT
from izer_bridge.web.form import FilePart
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.web.problems import FieldError, ProblemError
from izer_bridge.writing.decide import Author
from izer_bridge.writing.errors import NotAllowedError, NotTheSameError, UnfitFileError
from izer_bridge.writing.files import LONGEST_CAPTION, SENT_TYPES, SendableFiles
from izer_bridge.writing.message import NewMessage, SendingStage, WrittenMessage
from izer_bridge.writing.ports import LinkNow
from izer_bridge.writing.store.written import SqlWriting

log = structlog.get_logger(__name__)

_REFUSED = {HTTPStatus.CONFLICT: "Nothing may be written there now; the problem says why."}
_TOO_LATE = {HTTPStatus.CONFLICT: "WhatsApp has it, or it has ended; nothing was changed."}


class SentFileTold(ToldFields):
    """A picture, or a document by its name; `size` in bytes, as it is sent."""

    kind: Kind
    type: str
    name: str
    size: int


class WrittenTold(ToldFields):
    """`written_by` is whose token it was, `goes_at` when it may go at the earliest, and `waits_for`
    what it waits for then; `says` is all that in a sentence.
    """

    id: int
    chat_id: int
    author: Author
    written_by: str
    text: str
    file: SentFileTold | None
    stage: SendingStage
    says: str
    waits_for: str
    written_at: datetime
    goes_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


class WrittenList(ToldFields):
    items: Sequence[WrittenTold]


class NewText(AskedFields):
    """`author`: `person` for what somebody has just written by hand; it goes out at once, replaces
    the chat's draft and pauses the bridge there. A `program` waits as the bridge's replies do.
    """

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    author: Author = Author.PROGRAM


class NewCaption(AskedFields):
    """As `NewText`, for what goes below the file; it may be empty."""

    text: str = Field("", max_length=LONGEST_CAPTION)
    author: Author = Author.PROGRAM


@dataclass(frozen=True, slots=True)
class WritingOperations:
    """`written` hints that there is something to send."""

    writing: SqlWriting
    files: SendableFiles
    link: LinkNow
    written: Callable[[], None]

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "POST",
                "/v1/conversations/{id}/messages",
                "write_message",
                "Write into a chat in which somebody has written to the shop.",
                self.write,
                answer=WrittenTold,
                body=NewText,
                status=HTTPStatus.CREATED,
                refusals=_REFUSED,
            ),
            Operation(
                "POST",
                "/v1/conversations/{id}/files",
                "send_file",
                "Send a picture or a PDF into a chat, as `write_message` does a text.",
                self.send_file,
                answer=WrittenTold,
                body=NewCaption,
                status=HTTPStatus.CREATED,
                refusals=_REFUSED,
                file=FilePart(self.files.begun, self.files.most_bytes, SENT_TYPES),
            ),
            Operation(
                "GET",
                "/v1/conversations/{id}/outbox",
                "list_unsent",
                "What was written into a chat and waits, is uncertain, or failed within a day.",
                self.unsent,
                answer=WrittenList,
            ),
            Operation(
                "GET",
                "/v1/outbox/{id}",
                "get_written",
                "A written message, and how far it has come.",
                self.get,
                answer=WrittenTold,
            ),
            Operation(
                "DELETE",
                "/v1/outbox/{id}",
                "take_back",
                "Take a message back that WhatsApp does not have yet.",
                self.take_back,
                answer=WrittenTold,
                refusals=_TOO_LATE,
            ),
        )

    async def write(self, call: ApiCall[NoFields, NewText]) -> WrittenTold:
        return await self._write(self._new(call, call.body.text, call.body.author))

    async def send_file(self, call: ApiCall[NoFields, NewCaption]) -> WrittenTold:
        if call.file is None:
            raise LookupError("the form's file")
        with told_errors():
            file = await self.files.fit(call.file.sink, call.file.name)
        new = self._new(call, call.body.text, call.body.author)
        return await self._write(replace(new, file=file))

    async def _write(self, new: NewMessage) -> WrittenTold:
        with told_errors():
            one = await self.writing.write(new)
        log.info("message_written", outbox=one.id, by=one.by, author=str(one.author))
        self.written()
        return self._told(one)

    async def unsent(self, call: ApiCall[NoFields, NoFields]) -> WrittenList:
        return WrittenList(items=[self._told(one) for one in await self.writing.unsent(call.id)])

    async def get(self, call: ApiCall[NoFields, NoFields]) -> WrittenTold:
        with told_errors():
            return self._told(await self.writing.get(call.id))

    async def take_back(self, call: ApiCall[NoFields, NoFields]) -> WrittenTold:
        with told_errors():
            one = await self.writing.take_back(call.id, call.caller.name)
        log.info("message_taken_back", outbox=one.id, by=call.caller.name)
        return self._told(one)

    def _new(self, call: ApiCall[Any, Any], text: str, author: Author) -> NewMessage:
        key = call.once or secrets.token_hex(16)
        name, linked = call.caller.name, self.link.account
        return NewMessage(call.id, text, author, name, key, linked=linked)

    def _told(self, one: WrittenMessage) -> WrittenTold:
        """A queued one waits for the link first."""
        is_queued = one.stage is SendingStage.QUEUED
        if is_queued and not self.link.is_ready:
            one = replace(one, waits_for="WhatsApp is not connected")
        return told(one)


def told(one: WrittenMessage) -> WrittenTold:
    stage, file = one.stage, one.file
    return WrittenTold(
        id=one.id,
        chat_id=one.chat_id,
        author=one.author,
        written_by=one.by,
        text=one.text,
        file=file
        and SentFileTold(kind=file.kind, type=file.mimetype, name=file.name, size=file.size),
        stage=stage,
        says=_sentence(one, stage),
        waits_for=one.waits_for,
        written_at=one.created_at,
        goes_at=one.goes_at,
        expires_at=one.expires_at,
        sent_at=one.sent_at,
        delivered_at=one.delivered_at,
        read_at=one.read_at,
    )


_SAID = {
    SendingStage.QUEUED: "It goes out in a moment.",
    SendingStage.SENDING: "It is on its way to WhatsApp.",
    SendingStage.SENT: "WhatsApp has it.",
    SendingStage.DELIVERED: "It is on the customer's phone.",
    SendingStage.READ: "The customer has read it.",
    SendingStage.UNCERTAIN: "WhatsApp may have it or not: look at the phone before you write it "
    "again.",
}


def _sentence(one: WrittenMessage, stage: SendingStage) -> str:
    if stage is SendingStage.QUEUED and one.waits_for:
        return f"It waits: {one.waits_for}."
    return _SAID.get(stage) or f"It was not sent: {one.error or 'nobody knows why'}."


@contextmanager
def told_errors() -> Iterator[None]:
    try:
        yield
    except LookupError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
    except ValueError as error:
        raise _wrong("text", error) from None
    except UnfitFileError as error:
        raise _wrong("file", error) from None
    except NotAllowedError as error:
        facts = {"why": error.why} if error.why else {}
        raise ProblemError(HTTPStatus.CONFLICT, str(error), facts=facts) from None
    except NotTheSameError as error:
        raise ProblemError(HTTPStatus.CONFLICT, str(error)) from None


def _wrong(name: str, error: Exception) -> ProblemError:
    fault = FieldError(name, str(error))
    detail = f"{name}: {error}"
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[fault])
