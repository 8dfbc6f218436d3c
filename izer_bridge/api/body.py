"""The request of `POST /webhook`: its fields, their limits, and the message that they make."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from izer_bridge.api.document import path_of
from izer_bridge.api.problems import FieldError, ProblemError
from izer_bridge.model.identity import NUMBER_SERVER, Jid, normalise_number
from izer_bridge.model.message import HistoryEntry, Kind, Message, Origin
from izer_bridge.pipeline.ports import WebhookMessage

ACCOUNT = "webhook"
MOST_ERRORS = 20

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("time_type", "expected an ISO 8601 date and time as a string")
    try:
        time = _parse_time(value.upper())
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "time",
            "expected an ISO 8601 date and time such as 2025-03-01T09:30:00Z, "
            "with a zone (none means UTC), from 1970 on",
        ) from None
    return time


def _parse_time(text: str) -> datetime:
    """Aware UTC; a time without zone is taken as UTC."""
    if not _TIME.fullmatch(text):
        raise ValueError
    time = datetime.fromisoformat(text)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    if not _EARLIEST <= time < _LATEST:
        raise ValueError
    return time


def _number(text: str) -> str:
    try:
        return normalise_number(text)
    except ValueError:
        raise PydanticCustomError(
            "phone_number", "expected a phone number such as +905551112233"
        ) from None


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return text


Time = Annotated[datetime, BeforeValidator(_time)]
Name = Annotated[str, Field(max_length=255)]


class _Fields(BaseModel):
    """Strictly typed; keys that are not known are tolerated, older connectors send some."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class HistoryItem(_Fields):
    sender: Name
    content: str
    timestamp: Time
    type: Annotated[str, Field(max_length=50)]
    from_me: bool = Field(default=False, alias="fromMe")

    def entry(self) -> HistoryEntry:
        return HistoryEntry(self.sender, self.content, self.timestamp, self.type, self.from_me)


class WebhookBody(_Fields):
    message_id: Annotated[str, Field(max_length=200), AfterValidator(_not_blank)]
    chat_time: Time
    chat_name: Name
    phone_number: Annotated[str, AfterValidator(_number)]
    current_message: str
    history: Annotated[list[HistoryItem], Field(max_length=1000)]

    def message(self) -> Message:
        """A text from that number; which chat it came from is known by name only."""
        jid = Jid(self.phone_number.removeprefix("+"), NUMBER_SERVER)
        return Message(
            account=ACCOUNT,
            message_id=self.message_id,
            chat=jid,
            sender=jid,
            sent_at=self.chat_time,
            kind=Kind.TEXT,
            text=self.current_message,
            origin=Origin.WEBHOOK,
            chat_name=self.chat_name,
        )


def read_webhook(document: Mapping[str, Any]) -> WebhookMessage:
    """Validate a decoded request. Raises ProblemError 422 that names every wrong field."""
    try:
        body = WebhookBody.model_validate(document)
    except ValidationError as error:
        raise _refusal(error) from None
    entries = sorted((item.entry() for item in body.history), key=lambda entry: entry.sent_at)
    return WebhookMessage(body.message(), body.phone_number, tuple(entries), document)


def _refusal(error: ValidationError) -> ProblemError:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    errors = [FieldError(path_of(one["loc"]), one["msg"]) for one in details[:MOST_ERRORS]]
    detail = "; ".join(f"{one.field}: {one.message}" for one in errors)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
