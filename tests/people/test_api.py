"""VIPs and groups under `/v1`: a row of the store overrules the settings, as with the commands."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from izer_bridge.config import Config
from izer_bridge.people.wiring import people_operations
from izer_bridge.store.database import Database
from tests.end_to_end.stored import Store
from tests.web.operations import serving
from tests.web.running_api import Api

JID = "120363000000000001@g.us"
USUAL = {"priority": "critical", "answer_within_minutes": None, "agent": None, "escalate": True}


@pytest.fixture
async def api(store_url: str) -> AsyncIterator[Api]:
    settings = Config(
        vip={"numbers": ["+905551112233"]},
        groups={"critical": ["Toptancılar"]},
    )
    async with Database(store_url) as database:

        async def store() -> Database:
            return database

        async with serving(people_operations(settings, store).all()) as api:
            yield api


async def listed(api: Api, what: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.request("GET", f"/v1/{what}")).json["items"]
    return items


async def removed(api: Api, path: str) -> int:
    async with api.session.delete(f"{api.server.url}{path}") as answer:
        return answer.status


async def test_a_customer_becomes_important_and_ordinary_again(api: Api) -> None:
    body = {"name": "Ayşe", "type": "partner", "answer_within_minutes": 30, "escalate": False}
    put = await api.request("PUT", "/v1/vips/0555%20222%2033%2044", json=body)
    assert (put.status, put.json) == (200, {"who": "+905552223344"})
    ayse, set_one = await listed(api, "vips")
    expected = {"number": "+905552223344", "source": "store", "priority": "critical", "agent": None}
    changed_at = datetime.fromisoformat(ayse.pop("changed_at"))
    assert datetime.now(UTC) - changed_at < timedelta(minutes=5)
    assert ayse == {**body, **expected, "changed_by": "HTTP"}
    assert (set_one["number"], set_one["source"]) == ("+905551112233", "settings")
    assert (set_one["changed_by"], set_one["changed_at"]) == (None, None)
    for number in ("+905552223344", "0555 111 22 33"):
        assert await removed(api, f"/v1/vips/{number}") == 204
        assert await removed(api, f"/v1/vips/{number}") == 404
    assert await listed(api, "vips") == []


async def test_a_group_is_known_by_its_name_or_its_jid(api: Api) -> None:
    for group in (JID, "Yarış%2FTakım"):
        assert (await api.request("PUT", f"/v1/groups/{group}", json={})).status == 200
    found = await listed(api, "groups")
    assert [(one["jid"], one["name"]) for one in found] == [
        (JID, ""),
        (None, "Yarış/Takım"),
        (None, "Toptancılar"),
    ]
    del found[0]["changed_at"]
    assert found[0] == {"jid": JID, "name": "", "source": "store", "changed_by": "HTTP", **USUAL}
    assert await removed(api, "/v1/groups/TOPTANCILAR") == 204
    assert await removed(api, "/v1/groups/nobody") == 404


async def test_who_was_made_ordinary_is_kept_with_who_did_it(api: Api, store_url: str) -> None:
    assert await removed(api, "/v1/vips/+905551112233") == 204
    [row] = await Store(store_url).rows("SELECT is_active, changed_by FROM important_customers")
    assert tuple(row) == (0, "HTTP")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/vips/ayşe", {}, "number"),
        ("/v1/vips/1", {}, "number"),
        ("/v1/groups/905551112233@s.whatsapp.net", {}, "group"),
        ("/v1/vips/+905552223344", {"agent": "nobody"}, "agent"),
        ("/v1/vips/+905552223344", {"type": "king"}, "type"),
        ("/v1/vips/+905552223344", {"answer_within_minutes": 0}, "answer_within_minutes"),
        ("/v1/vips/+905552223344", {"name": "x" * 256}, "name"),
        ("/v1/groups/Takım", {"type": "vip"}, "type"),
    ],
)
async def test_what_is_wrong_is_named(
    api: Api, path: str, body: dict[str, object], field: str
) -> None:
    answer = await api.request("PUT", path, json=body)
    assert (answer.status, answer.fields) == (422, [field])
    assert len(await listed(api, "vips")) == 1
