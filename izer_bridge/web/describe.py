"""Operations as entries of an OpenAPI document: parameters, bodies, answers and refusals."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from izer_bridge.web.form import described_form
from izer_bridge.web.idempotency import HEADER, LONGEST_KEY
from izer_bridge.web.operation import AnyOperation, NoFields, RawAnswer, is_number
from izer_bridge.web.problems import CONTENT_TYPE

_TEMPLATE = "#/components/schemas/{model}"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_ALL = {
    HTTPStatus.UNAUTHORIZED: "Neither a token nor a session, or an ended one.",
    HTTPStatus.FORBIDDEN: "Not with this role, or sent by a page of another site.",
    HTTPStatus.MISDIRECTED_REQUEST: "The header Host names somebody else.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A field is missing or wrong; each is named.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; see Retry-After.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store is away; see Retry-After.",
}
_BODY = {
    HTTPStatus.BAD_REQUEST: "The body is no JSON object.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is packed; it is taken as it is alone.",
    HTTPStatus.CONFLICT: "The write with this Idempotency-Key is still at work.",
}
_NOT_FOUND = {HTTPStatus.NOT_FOUND: "There is none of that id."}
_KEY = {
    "name": HEADER,
    "in": "header",
    "description": "The same for each attempt of one write: it is done once within 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}
_KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of what the caller has; 304 if it is still so.",
    "schema": {"type": "string"},
}


def described(one: AnyOperation) -> dict[str, Any]:
    """The entry of an operation, without the schemas that it refers to."""
    entry: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"For the role {one.role}.",
        "security": _SECURITY,
        "parameters": [
            *map(_place, one.places),
            *_query(one.query),
            _KNOWN if one.reads else _KEY,
        ],
        "responses": {str(int(status)): said for status, said in _responses(one).items()},
    }
    if one.file is not None:
        schema = one.body.model_json_schema()
        fields = _inlined(schema.get("properties", {}), schema.get("$defs", {}))
        entry["requestBody"] = described_form(fields, schema.get("required", ()), one.file)
    elif one.body is not NoFields:
        content = {"application/json": {"schema": _reference(one.body)}}
        entry["requestBody"] = {"required": True, "content": content}
    return entry


def components(operations: Sequence[AnyOperation]) -> dict[str, Any]:
    """The schemas of all bodies and answers."""
    models: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {}
    for one in operations:
        if one.body is not NoFields and one.file is None:
            models[one.body, "validation"] = None
        if isinstance(one.answer, type):
            models[one.answer, "serialization"] = None
    _, schema = models_json_schema(list(models), ref_template=_TEMPLATE)
    found: dict[str, Any] = schema.get("$defs", {})
    return found


def _responses(one: AnyOperation) -> Mapping[HTTPStatus, dict[str, Any]]:
    refusals = {**_ALL, **({} if one.reads else _BODY)}
    if one.places:
        refusals |= _NOT_FOUND
    refusals |= {
        status: f"{said} {refusals[status]}" if status in refusals else said
        for status, said in one.refusals.items()
    }
    refused = {
        status: {"description": said, "content": {CONTENT_TYPE: {"schema": _PROBLEM}}}
        for status, said in refusals.items()
    }
    known = {HTTPStatus.NOT_MODIFIED: {"description": "As the caller has it."}}
    return {**_answer(one), **(known if one.reads else {}), **dict(sorted(refused.items()))}


def _answer(one: AnyOperation) -> Mapping[HTTPStatus, dict[str, Any]]:
    match one.answer:
        case None:
            return {HTTPStatus.NO_CONTENT: {"description": "Done."}}
        case RawAnswer(content_type=kind, others=others):
            content: dict[str, Any] = {one: {"schema": {}} for one in (kind, *others)}
        case model:
            content = {"application/json": {"schema": _reference(model)}}
    return {one.status: {"description": one.summary, "content": content}}


def _place(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 255}
    if is_number(name):
        schema = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    wanted = set(schema.get("required", ()))
    shared = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in wanted,
            "schema": _inlined(one, shared),
        }
        for name, one in schema.get("properties", {}).items()
    ]


def _inlined(schema: Any, shared: Mapping[str, Any]) -> Any:
    """A query's enums stand where they are used."""
    if isinstance(schema, list):
        return [_inlined(one, shared) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if (reference := schema.get("$ref")) is not None:
        return _inlined(shared[reference.rpartition("/")[2]], shared)
    return {key: _inlined(value, shared) for key, value in schema.items()}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(model=model.__name__)}
