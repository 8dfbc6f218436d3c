"""Which door opens to whom: nobody, staff, an owner, and the holder of the bridge's own token."""

from collections.abc import AsyncIterator

import pytest

from izer_bridge.web.caller import Role
from tests.staff.house import BRIDGE_TOKEN, House, house

# By method and path: nobody, staff, owner, bridge; from this machine, where counts are open.
DOORS = {
    ("GET", "/livez"): (200, 200, 200, 200),
    ("GET", "/health"): (200, 200, 200, 200),
    ("GET", "/stats"): (200, 200, 200, 200),
    ("GET", "/openapi.json"): (200, 200, 200, 200),
    ("GET", "/"): (303, 200, 200, 200),
    ("GET", "/login"): (200, 200, 200, 200),
    ("GET", "/drafts"): (401, 200, 200, 200),
    ("POST", "/drafts/7/approve"): (401, 200, 200, 200),
    ("POST", "/webhook"): (400, 403, 400, 400),
    ("GET", "/v1/me"): (401, 200, 200, 200),
    ("GET", "/v1/sessions"): (401, 200, 200, 200),
    ("GET", "/v1/staff"): (401, 403, 200, 200),
    ("POST", "/v1/staff"): (401, 403, 400, 400),
    ("DELETE", "/v1/staff/99"): (401, 403, 404, 404),
    ("POST", "/v1/staff/99/links"): (401, 403, 404, 404),
    ("GET", "/staff"): (303, 403, 200, 200),
    ("GET", "/staff/live"): (303, 403, 200, 200),
    ("GET", "/v1/nothing"): (404, 404, 404, 404),
}


@pytest.fixture
async def home(store_url: str) -> AsyncIterator[House]:
    async with house(store_url) as built:
        yield built


@pytest.mark.attack("staff who do what an owner decides")
async def test_each_door_opens_to_whom_it_says(home: House) -> None:
    browser = home.browser()
    tokens = [
        "",
        (await home.staff.add("Ayşe", Role.STAFF, "owner")).secret,
        (await home.staff.add("Zeynep", Role.OWNER, "owner")).secret,
        BRIDGE_TOKEN,
    ]
    found = {}
    for method, path in DOORS:
        statuses = []
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            statuses.append((await browser.request(method, path, headers=headers)).status)
        found[method, path] = tuple(statuses)
    assert found == DOORS


async def test_staff_see_and_end_their_own_sessions_and_nobody_elses(home: House) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    can = await home.staff.add("Can", Role.STAFF, "owner")
    zeynep = await home.staff.add("Zeynep", Role.OWNER, "owner")
    for one in (ayse, can, can):
        assert (await home.browser().log_in(token=one.secret)).status == 303
    program = home.browser()

    async def listed(token: str) -> list[tuple[int, str]]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await program.request("GET", "/v1/sessions", headers=headers)
        return [(one["id"], one["name"]) for one in answer.json["items"]]

    async def ended(token: str, session: int) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await program.request("DELETE", f"/v1/sessions/{session}", headers=headers)
        return answer.status

    [(of_ayse, name)] = await listed(ayse.secret)
    assert name == "Ayşe"
    theirs = [one for one, _ in await listed(can.secret)]
    assert len(theirs) == 2
    assert [await ended(ayse.secret, one) for one in theirs] == [404, 404]
    assert await ended(can.secret, theirs[0]) == 204
    assert await ended(can.secret, theirs[0]) == 404
    assert await ended(zeynep.secret, of_ayse) == 204
    assert await listed(zeynep.secret) == [(theirs[1], "Can")]


async def test_an_owner_lets_somebody_in_and_out_again(home: House) -> None:
    program = home.browser()
    headers = {"Authorization": f"Bearer {BRIDGE_TOKEN}", "Idempotency-Key": "once"}
    body = {"name": " Ayşe ", "role": "staff"}
    added = await program.request("POST", "/v1/staff", json=body, headers=headers)
    assert (added.status, added.json["name"]) == (201, "Ayşe")
    # Its answer holds a secret and is not kept.
    again = await program.request("POST", "/v1/staff", json=body, headers=headers)
    assert (again.status, "token" in again.json) == (409, False)
    bearer = {"Authorization": f"Bearer {added.json['token']}"}
    assert (await program.request("GET", "/v1/me", headers=bearer)).json["name"] == "Ayşe"
    del headers["Idempotency-Key"]
    [ayse] = (await program.request("GET", "/v1/staff", headers=headers)).json["items"]
    assert (ayse["name"], ayse["sessions"], ayse["revoked_at"]) == ("Ayşe", 0, None)
    assert (ayse["added_by"], ayse["revoked_by"]) == ("HTTP", None)
    path = f"/v1/staff/{ayse['id']}"
    assert (await program.request("DELETE", path, headers=headers)).status == 204
    assert (await program.request("DELETE", path, headers=headers)).status == 404
    home.clock.seconds += 1
    assert (await program.request("GET", "/v1/me", headers=bearer)).status == 401
    [gone] = (await program.request("GET", "/v1/staff", headers=headers)).json["items"]
    assert (gone["added_by"], gone["revoked_by"]) == ("HTTP", "HTTP")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Ayşe"}, "role"),
        ({"name": "Ayşe", "role": "boss"}, "role"),
        ({"name": "", "role": "staff"}, "name"),
        ({"name": "\u200b", "role": "staff"}, "name"),
        ({"name": "HTTP", "role": "staff"}, "name"),
        ({"name": "x" * 65, "role": "staff"}, "name"),
        ({"name": 7, "role": "staff"}, "name"),
    ],
)
async def test_a_name_or_a_role_that_is_none_is_named(
    home: House, body: dict[str, object], field: str
) -> None:
    headers = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
    answer = await home.browser().request("POST", "/v1/staff", json=body, headers=headers)
    assert (answer.status, answer.fields) == (422, [field])
    assert await home.staff.members() == []


async def test_decisions_carry_the_name(home: House) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    program, browser = home.browser(), home.browser()
    headers = {"Authorization": f"Bearer {ayse.secret}"}
    for path in ("/drafts/7/approve", "/v1/drafts/7/approve"):
        assert (await program.request("POST", path, headers=headers)).status == 200
    link = await home.staff.link("Ayşe")
    await browser.log_in(code=link.secret)
    csrf = {"X-CSRF-Token": (await browser.me()).json["csrf"]}
    assert (await browser.request("POST", "/v1/drafts/7/refuse", headers=csrf)).status == 200
    assert [one.by for one in home.desk.decisions] == ["Ayşe"] * 3
