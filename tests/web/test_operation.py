"""What all operations of `/v1` share: models, refusals, keys of writes, tags of reads, pages."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from pydantic import Field

from izer_bridge.domain.errors import TransientError
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.web.paging import Page, cursor_of, place_of
from izer_bridge.web.problems import ProblemError
from tests.web.operations import serving
from tests.web.running_api import Api

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Bell(ToldFields):
    rung: int
    by: str


class Ring(AskedFields):
    times: int = Field(1, ge=1, le=9)
    until: datetime | None = None


class Numbers(ToldFields):
    items: Sequence[int]
    next_cursor: str | None


@dataclass
class Tower:
    """A bell that is rung; `error` is raised instead."""

    rung: int = 0
    names: list[str | None] = field(default_factory=list)
    error: Exception | None = None
    gate: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    def all(self) -> Sequence[AnyOperation]:
        path = "/v1/bells/{id}"
        return (
            Operation("GET", path, "get_bell", "A bell.", self.get, answer=Bell),
            Operation("POST", path, "ring_bell", "Ring.", self.ring, answer=Bell, body=Ring),
            Operation("DELETE", path, "melt_bell", "Melt.", self.melt),
            Operation("GET", "/v1/numbers", "count", "Count.", self.count, Numbers, Page),
        )

    async def get(self, call: ApiCall[NoFields, NoFields]) -> Bell:
        return Bell(rung=self.rung, by=call.caller.name)

    async def ring(self, call: ApiCall[NoFields, Ring]) -> Bell:
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.names.append(call.once)
        self.rung += call.body.times
        return Bell(rung=self.rung, by=call.caller.name)

    async def melt(self, call: ApiCall[NoFields, NoFields]) -> None:
        self.rung = -call.id

    async def count(self, call: ApiCall[Page, NoFields]) -> Numbers:
        [after] = place_of(call.query.cursor, int) or [0]
        last = after + call.query.limit
        return Numbers(items=range(after + 1, last + 1), next_cursor=cursor_of(last))


@pytest.fixture
def tower() -> Tower:
    return Tower()


@pytest.fixture
async def api(tower: Tower) -> AsyncIterator[Api]:
    async with serving(tower.all()) as api:
        yield api


async def ring(api: Api, key: str, times: int = 1, path: str = "/v1/bells/1") -> tuple[int, object]:
    headers = {"Idempotency-Key": key}
    answer = await api.request("POST", path, json={"times": times}, headers=headers)
    return answer.status, answer.json


async def test_a_write_that_is_sent_again_is_done_once(api: Api, tower: Tower) -> None:
    first = await ring(api, "k1", 2)
    assert first == (200, {"rung": 2, "by": "HTTP"})
    assert await ring(api, "k1", 2) == first
    assert tower.rung == 2
    assert await ring(api, "k2", 2) == (200, {"rung": 4, "by": "HTTP"})
    assert len(set(tower.names)) == 2
    assert all(name is not None and len(name) == 64 for name in tower.names)


@pytest.mark.parametrize(("times", "path"), [(3, "/v1/bells/1"), (2, "/v1/bells/2")])
async def test_a_key_is_for_one_write(api: Api, tower: Tower, times: int, path: str) -> None:
    await ring(api, "k1", 2)
    answer = await api.request(
        "POST", path, json={"times": times}, headers={"Idempotency-Key": "k1"}
    )
    assert (answer.status, answer.fields) == (422, ["Idempotency-Key"])
    assert tower.rung == 2


async def test_a_write_that_is_at_work_is_not_begun_again(api: Api, tower: Tower) -> None:
    tower.gate = asyncio.Event()
    first = asyncio.create_task(ring(api, "k1"))
    await tower.entered.wait()
    status, _ = await ring(api, "k1")
    assert status == 409
    tower.gate.set()
    assert (await first)[0] == 200
    assert tower.rung == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ProblemError(HTTPStatus.CONFLICT, "it is cracked"), 409),
        (TransientError("the store is away"), 503),
        (KeyError("x"), 500),
    ],
)
async def test_a_refusal_may_be_tried_again(
    api: Api, tower: Tower, error: Exception, status: int
) -> None:
    tower.error = error
    assert (await ring(api, "k1"))[0] == status
    tower.error = None
    assert (await ring(api, "k1"))[0] == 200
    assert tower.rung == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ş", "a b"])
async def test_a_key_is_bounded(api: Api, tower: Tower, key: str) -> None:
    assert (await ring(api, key))[0] == 422
    assert tower.rung == 0


async def test_what_the_caller_has_is_not_sent_again(api: Api, tower: Tower) -> None:
    first = await api.request("GET", "/v1/bells/1")
    tag = first.headers["Etag"]
    for known in (tag, f'"x", W/{tag}'):
        async with api.session.get(
            f"{api.server.url}/v1/bells/1", headers={"If-None-Match": known}
        ) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
            assert answer.headers["Etag"] == tag
    tower.rung = 1
    changed = await api.request("GET", "/v1/bells/1", headers={"If-None-Match": tag})
    assert (changed.status, changed.json["rung"]) == (200, 1)
    assert changed.headers["Etag"] != tag


async def test_an_answer_may_be_nothing(api: Api, tower: Tower) -> None:
    for _ in range(2):
        headers = {"Idempotency-Key": "k"}
        async with api.session.delete(f"{api.server.url}/v1/bells/7", headers=headers) as answer:
            assert (answer.status, await answer.read()) == (204, b"")
    assert tower.rung == -7


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "fields"),
    [
        ("POST", "/v1/bells/1", {"json": {"times": 0}}, 422, ["times"]),
        ("POST", "/v1/bells/1", {"json": {"times": "1"}}, 422, ["times"]),
        ("POST", "/v1/bells/1", {"json": {"loud": True}}, 422, ["loud"]),
        ("POST", "/v1/bells/1", {"json": {"until": 7}}, 422, ["until"]),
        ("POST", "/v1/bells/1", {"json": []}, 400, None),
        ("POST", "/v1/bells/1", {"data": b"{"}, 400, None),
        ("POST", "/v1/bells/x", {"json": {}}, 404, None),
        ("POST", f"/v1/bells/{'9' * 19}", {"json": {}}, 404, None),
        ("PATCH", "/v1/bells/1", {"json": {}}, 405, None),
        ("GET", "/v1/numbers?limit=0", {}, 422, ["limit"]),
        ("GET", "/v1/numbers?limit=201", {}, 422, ["limit"]),
        ("GET", "/v1/numbers?limit=1&limit=2", {}, 422, ["limit"]),
        ("GET", "/v1/numbers?lim=1", {}, 422, ["lim"]),
        ("GET", "/v1/numbers?cursor=x", {}, 422, ["cursor"]),
        ("GET", f"/v1/numbers?cursor={'x' * 501}", {}, 422, ["cursor"]),
        ("GET", f"/v1/numbers?cursor={cursor_of('x')}", {}, 422, ["cursor"]),
        ("GET", f"/v1/numbers?cursor={cursor_of(1, 2)}", {}, 422, ["cursor"]),
        ("GET", f"/v1/numbers?cursor={cursor_of(2**64)}", {}, 422, ["cursor"]),
        ("GET", "/v1/numbers?cursor=%ff%fe", {}, 422, ["cursor"]),
        ("GET", "/v1/numbers?cursor=W251bGxd", {}, 422, ["cursor"]),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_done(
    api: Api,
    tower: Tower,
    method: str,
    path: str,
    options: dict[str, object],
    status: int,
    fields: list[str] | None,
) -> None:
    answer = await api.request(method, path, **options)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert tower.rung == 0
    if fields is not None:
        assert answer.fields == fields


async def test_a_body_may_hold_a_time(api: Api) -> None:
    answer = await api.request("POST", "/v1/bells/1", json={"until": AT.isoformat()})
    assert answer.status == 200


async def test_pages_follow_each_other(api: Api) -> None:
    first = (await api.request("GET", "/v1/numbers?limit=2")).json
    assert first["items"] == [1, 2]
    path = f"/v1/numbers?limit=200&cursor={first['next_cursor']}"
    assert (await api.request("GET", path)).json["items"] == list(range(3, 203))


@pytest.mark.parametrize("place", [(1, "Şükrü\u2028", AT), (-(2**63) + 1, "", AT)])
def test_a_cursor_is_what_it_was(place: tuple[int, str, datetime]) -> None:
    assert place_of(cursor_of(*place), int, str, datetime) == list(place)
    assert cursor_of(*place).isascii()
