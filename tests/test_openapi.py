"""The document describes the actual routes, and nothing else."""

import json
from typing import Any

from izer_bridge.api import application
from izer_bridge.openapi import document
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.replies.drafts_api import DraftOperations
from izer_bridge.web.operation import V1
from tests.replies.test_api import Desk
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats, request_body
from tests.web.operations import RememberedAnswers
from tests.web.running_api import Api


def _is_for_people(name: str | None) -> bool:
    """A page, or what pages load."""
    return name is not None and name.startswith(("page-", "static"))


def test_every_route_is_described_and_no_other() -> None:
    desk = Desk()
    drafts, operations = DraftRoutes(desk, desk.hint), DraftOperations(desk, desk.hint).all()
    v1 = V1(operations, RememberedAnswers())
    app = application(FakeIntake(), FakeHealth(), FakeStats(), drafts=drafts, v1=v1)
    routes = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD" and not _is_for_people(route.name)
    }
    paths = document(operations)["paths"]
    assert {(path, method) for path, one in paths.items() for method in one} == routes


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for item in value for one in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if "$ref" in value else []
    return own + [one for item in value.values() for one in references(item)]


async def test_it_is_served_and_refers_to_nothing_that_is_not_there(api: Api) -> None:
    answer = await api.request("GET", "/openapi.json")
    assert answer.json == json.loads(json.dumps(document()))
    assert answer.json["openapi"] == "3.1.0"
    schemas = answer.json["components"]["schemas"]
    assert {one.removeprefix("#/components/schemas/") for one in references(answer.json)} <= set(
        schemas
    )
    needed = set(schemas["WebhookBody"]["required"])
    assert needed == {"message_id", "chat_time", "phone_number"}
    assert needed < set(request_body()) <= set(schemas["WebhookBody"]["properties"])
