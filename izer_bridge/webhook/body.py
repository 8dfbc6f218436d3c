"""The request of `POST /webhook`: its fields, their limits, and the message made from them."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.web.json_body import refusal
from izer_bridge.web.problems import FieldError, ProblemError
from izer_bridge.webhook import connector, content
from izer_bridge.webhook.context import Posted, context_of

ACCOUNT = "webhook"
_LONGEST_NAME, _LONGEST_TYPE = 255, 50
_LARGEST_SIZE = 2**40


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return text


def _shortened(length: int) -> AfterValidator:
    return AfterValidator(lambda text: text[:length])


def _objects(value: object) -> object:
    """A malformed history item costs the message nothing; `raw_data` keeps it."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    return [] if value is None else value


def _object(value: object) -> object:
    return value if isinstance(value, dict) else None


_Text = BeforeValidator(connector.text_of)
_AnyText = BeforeValidator(connector.any_text)
_Or = {"type": ["string", "integer"]}
_Moment = {"type": ["string", "number"], "description": "ISO 8601, or (milli)seconds since 1970"}
_Person = {"type": ["string", "integer"], "description": "A number in any spelling, or a JID"}

Identifier = Annotated[str, AfterValidator(_not_blank), _Text, WithJsonSchema(_Or)]
Time = Annotated[datetime, PlainValidator(connector.moment), WithJsonSchema(_Moment)]
Address = Annotated[Jid, PlainValidator(connector.address), WithJsonSchema(_Person)]
Somebody = Annotated[Jid | None, PlainValidator(connector.address_or_none), WithJsonSchema(_Person)]
Flag = Annotated[bool, BeforeValidator(connector.flag)]
Name = Annotated[str, _shortened(_LONGEST_NAME)]
OddName = Annotated[str, _shortened(_LONGEST_NAME), _AnyText]
OddType = Annotated[
    str,
    _shortened(_LONGEST_TYPE),
    BeforeValidator(lambda value: value if isinstance(value, str) else ""),
]


class _Fields(BaseModel):
    """Strictly typed; keys that are not known are tolerated, connectors send many."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class PostedHistoryItem(_Fields):
    """One odd item costs the message nothing: what cannot be read of it is left out."""

    id: Annotated[str, _AnyText] = ""
    sender: OddName = Field("", validation_alias=AliasChoices("sender", "author", "from"))
    content: Annotated[str, _AnyText] = Field(
        "", validation_alias=AliasChoices("content", "body", "text")
    )
    timestamp: Annotated[
        datetime | None, PlainValidator(connector.moment_or_none), WithJsonSchema(_Moment)
    ] = None
    type: OddType = ""
    from_me: Flag = Field(False, alias="fromMe")

    def posted(self) -> Posted:
        return Posted(self.id, self.sender, self.content, self.timestamp, self.type, self.from_me)


class PostedFile(_Fields):
    """A file in base64, as whatsapp-web.js' `downloadMedia` gives it."""

    mimetype: OddName = ""
    filename: OddName = ""
    data: Annotated[str, _AnyText] = Field("", description="Base64, up to media.max_mb")
    filesize: Annotated[Any, WithJsonSchema({"type": "integer"})] = None


class WebhookBody(_Fields):
    message_id: Identifier
    chat_time: Time
    chat_name: Annotated[
        Name, BeforeValidator(lambda value: "" if value is None else connector.text_of(value))
    ] = ""
    phone_number: Address
    current_message: Annotated[str | None, _Text] = None
    history: Annotated[
        list[PostedHistoryItem], Field(max_length=1000), BeforeValidator(_objects)
    ] = Field(default_factory=list)
    type: OddType = Field("", description="As whatsapp-web.js has it: chat, image, ptt, …")
    from_me: Flag = Field(False, alias="fromMe")
    has_media: Flag = Field(False, alias="hasMedia")
    media: Annotated[PostedFile | None, BeforeValidator(_object)] = None
    location: Annotated[dict[str, Any] | None, BeforeValidator(_object)] = None
    author: Somebody = Field(None, description="In a group, who wrote it")
    to: Somebody = Field(None, description="Of an own message, whose chat it is")
    sender_name: OddName = Field("", validation_alias=AliasChoices("sender_name", "notifyName"))

    @property
    def mimetype(self) -> str:
        return self.media.mimetype if self.media else ""

    @property
    def kind(self) -> Kind:
        kind = content.kind_of(self.type, self.mimetype, self.current_message or "")
        is_file = self.has_media or self.media is not None
        return Kind.DOCUMENT if is_file and kind not in content.MIMETYPES else kind

    def message(self, file: bytes | None) -> Message:
        kind = self.kind
        chat = self.to if self.from_me and self.to is not None else self.phone_number
        return Message(
            account=ACCOUNT,
            message_id=self.message_id,
            chat=chat,
            sender=(self.author if chat.is_group else None) or chat,
            sent_at=self.chat_time,
            kind=kind,
            text=content.words_of(kind, self.type, self.current_message or "", self.location),
            origin=Origin.WEBHOOK,
            from_me=self.from_me,
            sender_name=self.sender_name,
            chat_name=self.chat_name,
            media=self._media(kind, file),
        )

    def _media(self, kind: Kind, file: bytes | None) -> Media | None:
        if kind not in content.MIMETYPES:
            return None
        one = self.media or PostedFile()
        said = one.filesize if type(one.filesize) is int else 0
        size = len(file) if file is not None else min(max(said, 0), _LARGEST_SIZE)
        return Media(one.mimetype or content.MIMETYPES[kind], size, one.filename or None)


def read_webhook(document: Mapping[str, Any]) -> WebhookMessage:
    """Validate a decoded request. Raises ProblemError 422 that names every wrong field."""
    try:
        body = WebhookBody.model_validate(document)
    except ValidationError as error:
        raise refusal(error) from None
    if body.current_message is None and body.kind is Kind.TEXT:
        fault = FieldError("current_message", "expected the message's text, a type or a file")
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"{fault.field}: {fault.message}", errors=[fault]
        )
    file = connector.decoded(body.media.data) if body.media and body.media.data else None
    message = body.message(file)
    history = context_of(message, [one.posted() for one in body.history])
    number = message.sender.number or ""
    return WebhookMessage(message, number, history, _without_file(document), file)


def _without_file(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The file is on disk; a store would keep a copy for ever."""
    media = document.get("media")
    return {**document, "media": media | {"data": None}} if isinstance(media, dict) else document
