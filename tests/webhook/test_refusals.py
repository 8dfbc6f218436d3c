import json
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.web.json_body import MOST_LEVELS, decode
from izer_bridge.web.problems import ProblemError
from izer_bridge.webhook.body import read_webhook
from tests.web.fakes import request_body
from tests.web.running_api import Api

MIB = 1024**2
ITEM = request_body()["history"][0]
NEEDED = ["message_id", "chat_time", "phone_number", "current_message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff\xfe",
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\x00"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 5000,
        json.dumps(request_body()).encode("utf-16"),
    ],
)
async def test_what_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    await api.refused(400, data=body)


@pytest.mark.parametrize("field", NEEDED)
async def test_these_fields_are_needed(api: Api, field: str) -> None:
    body = request_body()
    del body[field]
    answer = await api.refused(422, json=body)
    assert answer.fields == [field]
    assert field in answer.json["detail"]


@pytest.mark.parametrize("field", NEEDED)
@pytest.mark.parametrize("value", [None, True, 1.5, {}, [1]])
async def test_types_are_strict(api: Api, field: str, value: Any) -> None:
    answer = await api.refused(422, json=request_body(**{field: value}))
    assert answer.fields == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"chat_name": True},
        {"chat_name": ["Ayşe"]},
        {"history": {}},
        {"history": "[]"},
        {"phone_number": 12},
        {"chat_time": 5},
        {"chat_time": 10**400},
        {"message_id": {"id": 1}},
    ],
)
async def test_what_no_connector_means_is_named(api: Api, changes: dict[str, Any]) -> None:
    assert (await api.refused(422, json=request_body(**changes))).fields == list(changes)


@pytest.mark.parametrize(
    "number",
    ["undefined", "+null", "@c.us", "abc@lid", "+@lid", "12@g.us", "905551112233@example.com"]
    + ["447700900011", "9" * 60 + "@newsletter", "0", "5551112233445566778899@c.us"],
)
async def test_who_is_nobody_is_no_sender(api: Api, number: str) -> None:
    answer = await api.refused(422, json=request_body(phone_number=number))
    assert answer.fields == ["phone_number"]


@pytest.mark.parametrize(
    "time",
    [
        "",
        "yesterday",
        "17408213",
        "2025-03-01",
        "2025-13-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-03-01T25:00:00Z",
        "2025-03-01T09:30:00+25:00",
        "2025-03-01T09:30:00 Europe/Istanbul",
        "٢٠٢٥-03-01T09:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1969-12-31T23:59:59Z",
        "2025-W09-6T00:00:00Z",
    ],
)
async def test_wrong_dates_are_named(api: Api, time: str) -> None:
    answer = await api.refused(422, json=request_body(chat_time=time))
    assert answer.fields == ["chat_time"]


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": ""},
        {"message_id": " \n"},
        {"phone_number": ""},
        {"phone_number": "Ayşe"},
        {"phone_number": "+90 12"},
        {"phone_number": "9" * 100_000},
        {"history": [ITEM] * 1001},
    ],
)
async def test_limits_are_kept(api: Api, changes: dict[str, Any]) -> None:
    answer = await api.refused(422, json=request_body(**changes))
    assert answer.fields == list(changes)


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
async def test_infinite_numbers_are_named(api: Api, number: str) -> None:
    text = json.dumps(request_body(extra=1.5)).replace("1.5", number)
    assert (await api.refused(422, data=text)).fields == ["extra"]


async def test_too_many_levels_are_named(api: Api) -> None:
    deep: Any = 1
    for _ in range(MOST_LEVELS):
        deep = [deep]
    answer = await api.refused(422, json=request_body(extra=deep))
    assert answer.fields == ["extra[0][0]…"]
    assert (await api.post(request_body(extra=deep[0]))).status == 200


async def test_every_wrong_field_is_named_at_once_and_no_value(api: Api) -> None:
    answer = await api.refused(
        422, json=request_body(message_id=True, chat_time="secret", phone_number="secret")
    )
    assert answer.fields == ["message_id", "chat_time", "phone_number"]
    assert "secret" not in json.dumps(answer.json)


def _sized(size: int) -> BytesIO:
    empty = len(json.dumps(request_body(current_message="")))
    return BytesIO(json.dumps(request_body(current_message="x" * (size - empty))).encode())


async def test_one_mebibyte_is_the_limit(api: Api) -> None:
    answer = await api.refused(413, data=_sized(MIB + 1))
    assert "1048576 bytes" in answer.json["detail"]
    await api.refused(413, data=_sized(5 * MIB))
    accepted = await api.request("POST", "/webhook", data=_sized(MIB))
    assert accepted.status == 200


TEXTS = st.text(st.characters(codec=None), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=10
)
# Near misses of the valid request, so that the deeper checks are reached too.
CHANGES = st.dictionaries(st.sampled_from([*request_body(), "extra"]), VALUES, max_size=2)
DOCUMENTS = VALUES | CHANGES.map(lambda changes: request_body(**changes))


def _read(document: Any) -> WebhookMessage | ProblemError:
    try:
        return read_webhook(decode(json.dumps(document).encode()))
    except ProblemError as problem:
        return problem


@given(DOCUMENTS)
@example(request_body())
def test_any_json_is_either_storable_or_refused(document: Any) -> None:
    read = _read(document)
    if isinstance(read, ProblemError):
        assert 400 <= read.status < 500
        json.dumps(read.response().text).encode()
    else:
        stored = json.dumps(read.raw, ensure_ascii=False, allow_nan=False)
        assert "\\u0000" not in stored
        stored.encode("utf-8")


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200) | DOCUMENTS.map(json.dumps))
async def test_no_body_makes_the_server_fail(api: Api, body: bytes | str) -> None:
    data = body.encode() if isinstance(body, str) else body
    async with (
        ClientSession() as session,
        session.post(f"{api.server.url}/webhook", data=data) as response,
    ):
        assert response.status in (200, 400, 422)
