"""The HTTP interface as an OpenAPI 3.1 document, at `GET /openapi.json`; a test holds it true."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from izer_bridge import __version__
from izer_bridge.domain.sendable_text import LONGEST_TEXT
from izer_bridge.web.describe import components, described
from izer_bridge.web.doors import Door, door
from izer_bridge.web.operation import OPERATIONS, AnyOperation
from izer_bridge.web.problems import CONTENT_TYPE
from izer_bridge.webhook.body import WebhookBody

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_REFUSALS = {
    "400": "No JSON object, or not as its headers say.",
    "401": "The token is missing or wrong; of a webhook, the signature.",
    "403": "Sent by a page of another site.",
    "404": "There is no such draft.",
    "408": "The body did not come in time.",
    "409": "It was decided otherwise before; nothing was changed.",
    "413": "The body is larger than 1 MiB and the file (media.max_mb) that may be in it.",
    "415": "The body is packed; it is taken as it is alone.",
    "421": "The header Host names somebody else.",
    "422": "A field is missing or wrong; each is named.",
    "429": "Too many requests; see Retry-After.",
    "503": "The store is away; see Retry-After.",
}
_STATUS = {"type": "object", "properties": {"status": {"type": "string"}}}
_OBJECT = {"type": "object"}

_CORRECTED = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "maxLength": LONGEST_TEXT}},
}
_DECISION: dict[str, Any] = {
    "answers": {"200": ("The draft; also when it was decided so before.", _OBJECT)},
    "refusals": ("400", "401", "403", "404", "409", "421", "422", "429", "503"),
}

# The routes from before `/v1`, by path and method: purpose, answers, and possible refusals.
_ROUTES: dict[tuple[str, str], dict[str, Any]] = {
    ("/webhook", "post"): {
        "summary": "Take a message: record, analyse and route it.",
        "answers": {
            "200": ("The message with its analysis and routing.", _OBJECT),
            "202": ("Recorded; analysis or agent are still to come.", _OBJECT),
        },
        "refusals": ("400", "401", "403", "408", "413", "415", "421", "422", "429", "503"),
        "body": "WebhookBody",
    },
    ("/drafts", "get"): {
        "summary": "The replies that wait for a person, oldest first.",
        "answers": {"200": ("The drafts.", _OBJECT)},
        "refusals": ("401", "403", "421", "429", "503"),
    },
    ("/drafts/{id}/approve", "post"): _DECISION | {"summary": "Send a draft as it is."},
    ("/drafts/{id}/refuse", "post"): _DECISION | {"summary": "Do not send a draft."},
    ("/drafts/{id}/edit", "post"): _DECISION
    | {"summary": "Send another text instead of a draft.", "body": "CorrectedText"},
    ("/health", "get"): {
        "summary": "How link, store and inbox stand; without the token, the status alone.",
        "answers": {
            "200": (
                "ok, or degraded: WhatsApp is away, or `conditions` ask for a person.",
                _STATUS,
            ),
            "503": ("failing: messages cannot be stored.", _STATUS),
        },
        "refusals": ("403", "421", "429"),
    },
    ("/livez", "get"): {
        "summary": "Whether the process answers; nothing outside of it counts.",
        "answers": {"200": ("It does.", _STATUS)},
        "refusals": ("403", "421"),
    },
    ("/readyz", "get"): {
        "summary": "Whether a message that comes now would be kept.",
        "answers": {"200": ("It would.", _STATUS), "503": ("It would not.", _STATUS)},
        "refusals": ("403", "421", "429"),
    },
    ("/stats", "get"): {
        "summary": "Counts of the last 24 hours.",
        "answers": {"200": ("The counts.", _OBJECT)},
        "refusals": ("401", "403", "421", "429", "503"),
    },
    ("/metrics", "get"): {
        "summary": "Figures for Prometheus.",
        "answers": {"200": ("In Prometheus' text format.", {"type": "string"}, "text/plain")},
        "refusals": ("401", "403", "421", "429"),
    },
    ("/openapi.json", "get"): {
        "summary": "This document.",
        "answers": {"200": ("The document.", _OBJECT)},
        "refusals": ("401", "403", "421", "429"),
    },
}


async def get(request: web.Request) -> web.Response:
    return web.json_response(document(request.app.get(OPERATIONS, ())))


def document(operations: Sequence[AnyOperation] = ()) -> dict[str, Any]:
    """All routes, with the schema that `POST /webhook` is validated with."""
    schema = WebhookBody.model_json_schema(ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for (path, method), operation in _ROUTES.items():
        name = path.partition(".")[0].strip("/").replace("/{id}", "").replace("/", "_")
        named = operation | {"path": path, "name": name, "method": method}
        paths.setdefault(path, {})[method] = _operation(named)
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = described(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "izer-bridge", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": _PROBLEM,
                **schema.pop("$defs"),
                "WebhookBody": schema,
                "CorrectedText": _CORRECTED,
                **components(operations),
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "izer_session"},
            },
        },
    }


# For some routes the token is needed only if the operator requires one.
_SECURITY: dict[Door, list[dict[str, Any]]] = {
    Door.OPEN: [{}],
    Door.HERE: [{"token": []}, {}],
    Door.TOKEN: [{"token": []}],
}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    responses = {code: _answer(*answer) for code, answer in operation["answers"].items()}
    for code in operation["refusals"]:
        problem = _answer(_REFUSALS[code], _reference("Problem"), CONTENT_TYPE)
        responses.setdefault(code, problem)
    described: dict[str, Any] = {
        "operationId": f"{operation['method']}_{operation['name']}",
        "summary": operation["summary"],
        "responses": responses,
        "security": _SECURITY[door(operation["name"], Door.HERE)],
    }
    if "{id}" in operation["path"]:
        number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        described["parameters"] = [number]
    if body := operation.get("body"):
        content = {"application/json": {"schema": _reference(body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _answer(
    text: str, schema: dict[str, Any], content_type: str = "application/json"
) -> dict[str, Any]:
    return {"description": text, "content": {content_type: {"schema": schema}}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
