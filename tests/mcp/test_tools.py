"""Which of the bridge's operations are tools, and what a call of one asks of the bridge."""

from collections.abc import Mapping
from typing import Any

import pytest

from izer_bridge.mcp.tools import DATA, BridgeTool, tools_of
from izer_bridge.openapi import document
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    RawAnswer,
    ToldFields,
)
from izer_bridge.web.paging import Page
from izer_bridge.writing.offer_api import OfferedText


class ReportTold(ToldFields):
    count: int


async def _handle(_: ApiCall[Any, Any]) -> None:
    raise NotImplementedError


def operation(
    method: str,
    path: str,
    *,
    query: type[AskedFields] = NoFields,
    body: type[AskedFields] = NoFields,
    answer: type[ToldFields] | RawAnswer = ReportTold,
) -> AnyOperation:
    name = f"{method} {path}"
    return Operation(method, path, name, "Some.", _handle, answer=answer, query=query, body=body)


DRAFTS = "POST /v1/conversations/{id}/drafts"
MESSAGES = "GET /v1/conversations/{id}/messages"
OPERATIONS = (
    operation("GET", "/v1/conversations", query=Page),
    operation("GET", "/v1/conversations/{id}/messages", query=Page),
    operation("POST", "/v1/conversations/{id}/drafts", body=OfferedText),
    operation("GET", "/v1/reports"),
    operation("GET", "/v1/search/export", answer=RawAnswer("text/csv")),
    operation("POST", "/v1/conversations/{id}/messages", body=OfferedText),
    operation("POST", "/v1/drafts/{id}/approve"),
    operation("POST", "/v1/drafts/{id}/edit", body=OfferedText),
    operation("POST", "/v1/reports"),
    operation("POST", "/v1/staff"),
    operation("GET", "/v1/staff"),
    operation("GET", "/v1/link"),
)


@pytest.fixture(scope="module")
def tools() -> Mapping[str, BridgeTool]:
    return tools_of(document(OPERATIONS))


def test_only_what_reads_and_what_offers_a_draft_is_a_tool(tools: Mapping[str, BridgeTool]) -> None:
    assert set(tools) == {
        "GET /v1/conversations",
        MESSAGES,
        "GET /v1/reports",
        DRAFTS,
    }
    assert [name for name, tool in tools.items() if not tool.reads] == [DRAFTS]


def test_each_says_that_what_customers_wrote_is_data(tools: Mapping[str, BridgeTool]) -> None:
    assert all(tool.about.endswith(DATA) for tool in tools.values())


def test_a_schema_stands_alone(tools: Mapping[str, BridgeTool]) -> None:
    schema = tools[DRAFTS].schema
    assert set(schema["properties"]) == {"id", "text", "why"}
    assert schema["required"] == ["id", "text"]
    assert schema["properties"]["text"]["maxLength"] == 4096
    assert "$ref" not in str([tool.schema for tool in tools.values()])


def test_arguments_go_into_path_query_and_body(tools: Mapping[str, BridgeTool]) -> None:
    read = tools[MESSAGES].request({"id": 7, "limit": 5, "cursor": None})
    assert (read.method, read.path) == ("GET", "/v1/conversations/7/messages")
    assert (read.query, read.body) == ({"limit": "5"}, None)
    offered = tools[DRAFTS].request({"id": 7, "text": "Cuma."})
    assert (offered.path, offered.body) == ("/v1/conversations/7/drafts", {"text": "Cuma."})
    other = tools[DRAFTS].request({"id": 7, "text": "Cuma."})
    assert offered.headers["Idempotency-Key"] != other.headers["Idempotency-Key"]


@pytest.mark.attack("a message makes the model reach another operation")
@pytest.mark.parametrize("hostile", ["1/../../drafts/1/approve", "1?x=", "1#", "../staff"])
def test_no_argument_leads_to_another_operation(
    tools: Mapping[str, BridgeTool], hostile: str
) -> None:
    path = tools[MESSAGES].request({"id": hostile}).path
    assert path.startswith("/v1/conversations/")
    assert path.endswith("/messages")
    assert path.count("/") == 4
    assert not {"?", "#"} & set(path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "id, text: missing"),
        ({"id": 7, "text": "x", "approve": True}, "approve: no such argument; allowed: id, text"),
    ],
)
def test_wrong_arguments_are_named(
    tools: Mapping[str, BridgeTool], given: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        tools[DRAFTS].request(given)
