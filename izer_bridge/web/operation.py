"""What a program may ask under `/v1`, as values: a route and its description are made of each.

An operation names its role, what it takes and what it answers. What all of them share is done here:
role, query, body, `Idempotency-Key` of writes, `ETag` of reads.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, ValidationError

from izer_bridge.web import doors
from izer_bridge.web.bodies import BODIES, LARGEST_TEXT_BODY
from izer_bridge.web.caller import BRIDGE, CALLER, Caller, Role
from izer_bridge.web.form import FilePart, Forms
from izer_bridge.web.idempotency import Answers, Once
from izer_bridge.web.json_body import decode, refusal
from izer_bridge.web.problems import ProblemError

_PLACE = re.compile(r"{(\w+)}")
_READS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


class AskedFields(BaseModel):
    """A query or a body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ToldFields(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(
        frozen=True, from_attributes=True, json_schema_serialization_defaults_required=True
    )


class NoFields(AskedFields):
    """An operation that takes no query, or no body."""


Q = TypeVar("Q", bound=AskedFields)
B = TypeVar("B", bound=AskedFields)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that has come, in what the operation's `FilePart` opened, and the name it came by."""

    sink: Any
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiCall(Generic[Q, B]):
    """One request of an operation, checked. `once` names it if it must not be done twice:
    the same for each attempt of one caller with one `Idempotency-Key`, at most 64 characters.
    """

    caller: Caller
    query: Q
    body: B
    request: web.Request
    once: str | None = None
    # Of an operation that takes one.
    file: GivenFile | None = None

    @property
    def id(self) -> int:
        return self.number("id")

    def number(self, name: str) -> int:
        return int(self.request.match_info[name])

    def text(self, name: str) -> str:
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer that is no JSON, of one of several types; the handler makes the response."""

    content_type: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation(Generic[Q, B]):
    """`METHOD path` under `/v1`. `name` is its operationId.

    `{id}` and `{…_id}` in the path are numbers, other places texts. The handler returns a model of
    the kind `answer` (None: nothing, 204), or a response of its own for `RawAnswer`; it raises
    ProblemError for each of `refusals` beyond those that all operations share. An answer with a
    secret is not kept for later attempts.
    """

    method: str
    path: str
    name: str
    summary: str
    handle: Callable[[ApiCall[Q, B]], Awaitable[BaseModel | web.StreamResponse | None]]
    answer: type[BaseModel] | RawAnswer | None = None
    query: type[Q] = NoFields  # type: ignore[assignment] # the handler says of what kind
    body: type[B] = NoFields  # type: ignore[assignment]
    role: Role = Role.STAFF
    status: HTTPStatus = HTTPStatus.OK
    refusals: Mapping[HTTPStatus, str] = field(default_factory=dict)
    most_bytes: int = LARGEST_TEXT_BODY
    is_kept: bool = True
    # With it the body is a form: the fields of `body`, and this file.
    file: FilePart | None = None

    @property
    def reads(self) -> bool:
        return self.method in _READS

    @property
    def places(self) -> Sequence[str]:
        return _PLACE.findall(self.path)

    async def answered(self, request: web.Request) -> web.StreamResponse:
        """Raises ProblemError."""
        caller = request.get(CALLER, BRIDGE)
        if not caller.role.covers(self.role):
            raise ProblemError(
                HTTPStatus.FORBIDDEN, f"this needs the role {self.role}; yours is {caller.role}"
            )
        asked = _single(request)
        query = _checked(lambda: self.query.model_validate(asked))
        if self.reads:
            call: ApiCall[Q, B] = ApiCall(caller, query, self._body(b""), request)
            return _unless_known(request, await self._done(call))
        bare = ApiCall(caller, query, NoFields(), request)
        if self.file is not None:
            return await self._answered_form(self.file, bare)
        with ExitStack() as place:
            raw = await request.app[BODIES].read(request, place, self.most_bytes)
            return await self._written(bare, raw, partial(self._body, raw))

    async def _answered_form(
        self, part: FilePart, call: ApiCall[Q, NoFields]
    ) -> web.StreamResponse:
        async with part.begun() as sink:
            form = await call.request.app[FORMS].read(call.request, sink, part.most_bytes)
            model: type[B] = self.body
            body = partial(_checked, partial(model.model_validate, form.fields))
            given = GivenFile(sink, form.name)
            return await self._written(replace(call, file=given), form.summary, body)

    async def _written(
        self, bare: ApiCall[Q, NoFields], raw: bytes, body: Callable[[], B]
    ) -> web.StreamResponse:
        """Do it, unless another attempt has; `raw` is what a repeated one must have in common."""
        once = bare.request.app[ONCE]
        async with once.turn(bare.request, bare.caller, raw) as turn:
            if turn.kept is not None:
                return _response(turn.kept.status, turn.kept.body)
            call = ApiCall(bare.caller, bare.query, body(), bare.request, turn.name, bare.file)
            response = await self._done(call)
            if self.is_kept and isinstance(response, web.Response):
                await once.keep(turn, response)
            return response

    def _body(self, raw: bytes) -> B:
        """What comes with an operation that takes nothing is ignored."""
        document = "{}" if issubclass(self.body, NoFields) else json.dumps(decode(raw))
        body: type[B] = self.body
        return _checked(lambda: body.model_validate_json(document, strict=True))

    async def _done(self, call: ApiCall[Q, B]) -> web.StreamResponse:
        answer = await self.handle(call)
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        return _response(self.status, answer.model_dump_json().encode())


AnyOperation = Operation[Any, Any]
OPERATIONS: web.AppKey[Sequence[AnyOperation]] = web.AppKey("operations")
ONCE = web.AppKey("once", Once)
FORMS = web.AppKey("forms", Forms)


@dataclass(frozen=True, slots=True)
class V1:
    """All operations, and where the answers of writes are kept for those who ask again."""

    operations: Sequence[AnyOperation]
    answers: Answers

    def add_to(self, app: web.Application) -> None:
        app[OPERATIONS], app[ONCE] = self.operations, Once(self.answers)
        app[FORMS] = Forms()
        for one in self.operations:
            path = _PLACE.sub(lambda place: _pattern(place[1]), one.path)
            add = app.router.add_get if one.reads else partial(app.router.add_route, one.method)
            add(path, one.answered, name=f"{doors.OPERATIONS}{one.name}")


def is_number(place: str) -> bool:
    return place == "id" or place.endswith("_id")


def _pattern(place: str) -> str:
    return rf"{{{place}:\d{{1,18}}}}" if is_number(place) else rf"{{{place}:[^/]{{1,255}}}}"


M = TypeVar("M", bound=AskedFields)


def _checked(read: Callable[[], M]) -> M:
    try:
        return read()
    except ValidationError as error:
        raise refusal(error) from None


def _single(request: web.Request) -> Mapping[str, Any]:
    """The query; what is given several times is a list, which only a list's field takes."""
    several = {name: request.query.getall(name) for name in request.query}
    return {name: values if len(values) > 1 else values[0] for name, values in several.items()}


def _response(status: int, body: bytes) -> web.Response:
    if status == HTTPStatus.NO_CONTENT:
        return web.Response(status=status)
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")


def _unless_known(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """304 if the caller has the same already."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    known = request.headers.get(hdrs.IF_NONE_MATCH, "")
    if tag in {one.strip().removeprefix("W/") for one in known.split(",")}:
        response = web.Response(status=HTTPStatus.NOT_MODIFIED)
    response.headers[hdrs.ETAG] = tag
    return response
