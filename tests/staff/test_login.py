"""Who comes in, how, and for how long: links, tokens, sessions, and what strangers try."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from izer_bridge.web.caller import Role
from izer_bridge.web.rate_limit import RateLimit
from tests.staff.house import BRIDGE_TOKEN, Browser, House, house


@pytest.fixture
async def home(store_url: str) -> AsyncIterator[House]:
    async with house(store_url) as built:
        yield built


async def entered(home: House, name: str | None = None) -> tuple[Browser, str]:
    """A browser that has come in by a link, and the value for its writes."""
    browser = home.browser()
    link = await home.staff.link(name)
    assert (await browser.log_in(code=link.secret)).status == 303
    return browser, (await browser.me()).json["csrf"]


async def test_a_link_works_once(home: House) -> None:
    link = await home.staff.link()
    first, second = home.browser(), home.browser()
    for _ in range(3):  # as chats and mail programs do for their previews
        assert (await second.request("GET", f"/login?code={link.secret}")).status == 200
    answer = await first.log_in(code=link.secret)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    me = await first.me()
    assert (me.status, me.json["name"], me.json["role"]) == (200, "owner", "owner")
    again = await second.log_in(code=link.secret)
    assert again.status == 401
    assert "10" in again.json
    assert (await second.me()).status == 401


async def test_a_link_is_good_for_ten_minutes(home: House) -> None:
    link = await home.staff.link()
    home.clock.now += timedelta(minutes=10)
    assert (await home.browser().log_in(code=link.secret)).status == 401


@pytest.mark.attack("a cookie that a script or another site can use")
async def test_a_session_is_a_cookie_that_no_script_reads(home: House) -> None:
    link = await home.staff.link()
    cookie = (await home.browser().log_in(code=link.secret)).headers["Set-Cookie"]
    name, _, attributes = cookie.partition("=")
    assert name == "izer_session"
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes.split("; "))


async def test_a_token_opens_a_session_too(home: House) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    browser = home.browser()
    assert (await browser.log_in(token=f" {ayse.secret}\n", next="/search?q=fren")).status == 303
    me = (await browser.me()).json
    assert (me["name"], me["role"]) == ("Ayşe", "staff")
    owner = home.browser()
    assert (await owner.log_in(token=BRIDGE_TOKEN)).status == 303
    assert (await owner.me()).json["role"] == "owner"


@pytest.mark.parametrize(
    ("there", "location"),
    [
        ("/chats/7?since=2026-03-01", "/chats/7?since=2026-03-01"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("//[", "/"),
        ("", "/"),
    ],
)
@pytest.mark.attack("a login page that leads to another site")
async def test_one_comes_to_the_page_that_was_asked_for_if_it_is_ours(
    home: House, there: str, location: str
) -> None:
    link = await home.staff.link()
    answer = await home.browser().log_in(code=link.secret, next=there)
    assert answer.headers["Location"] == location


@pytest.mark.parametrize("fields", [{"token": "x"}, {"token": ""}, {"code": "x"}, {}])
async def test_who_proves_nothing_gets_the_form_again(home: House, fields: dict[str, str]) -> None:
    answer = await home.browser().log_in(**fields)
    assert (answer.status, "Set-Cookie" in answer.headers) == (401, False)
    assert 'role="alert"' in answer.json


async def test_each_login_makes_a_new_session_and_ends_the_one_before(home: House) -> None:
    """Nobody can prepare a session for somebody else, or keep theirs beside it."""
    browser, _ = await entered(home)
    [before] = await home.staff.sessions()
    planted = home.browser()
    link = await home.staff.link()
    planted_cookie = {"Cookie": "izer_session=prepared"}
    answer = await planted.request(
        "POST", "/login", data={"code": link.secret}, headers=planted_cookie
    )
    assert "prepared" not in answer.headers["Set-Cookie"]
    link = await home.staff.link()
    await browser.log_in(code=link.secret)
    assert before.id not in {one.id for one in await home.staff.sessions()}


@pytest.mark.attack("a page of another site that writes with the reader's session")
async def test_a_write_needs_what_no_other_site_knows(home: House) -> None:
    browser, csrf = await entered(home)
    other, others_csrf = await entered(home)
    body = {"name": "Can", "role": "staff"}
    for headers in (
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "ş"},
        {"X-CSRF-Token": others_csrf},
        {"X-CSRF-Token": csrf, "Origin": "https://evil.example"},
        {"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"},
    ):
        answer = await browser.request("POST", "/v1/staff", json=body, headers=headers)
        assert answer.status == 403
    assert [one.name for one in await home.staff.members()] == ["owner"]
    answer = await browser.request("POST", "/v1/staff", json=body, headers={"X-CSRF-Token": csrf})
    assert answer.status == 201
    assert (await other.request("POST", "/logout", data={"csrf": csrf})).status == 403
    assert (await other.me()).status == 200


@pytest.mark.attack("a token in a cookie, whose writes need nothing else")
async def test_a_token_is_no_session(home: House) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    for token in (ayse.secret, BRIDGE_TOKEN):
        headers = {"Cookie": f"izer_session={token}"}
        answer = await home.browser().request("GET", "/v1/me", headers=headers)
        assert answer.status == 401


async def test_logging_out_ends_the_session_everywhere(home: House) -> None:
    browser, csrf = await entered(home)
    stolen = {
        "Cookie": f"izer_session={next(iter(browser.session.cookie_jar)).value}",
    }
    thief = home.browser()
    assert (await thief.request("GET", "/v1/me", headers=stolen)).status == 200
    assert (await browser.request("POST", "/logout", data={"csrf": csrf})).status == 303
    assert (await browser.me()).status == 401
    assert (await thief.request("GET", "/v1/me", headers=stolen)).status == 401


async def test_a_session_ends_after_thirty_days(home: House) -> None:
    browser, _ = await entered(home)
    home.clock.now += timedelta(days=30, seconds=-1)
    home.clock.seconds += 2
    assert (await browser.me()).status == 200
    home.clock.now += timedelta(seconds=1)
    home.clock.seconds += 2
    assert (await browser.me()).status == 401


async def test_who_is_revoked_is_out_within_a_second(home: House) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    browser, program = home.browser(), home.browser()
    await browser.log_in(token=ayse.secret)
    bearer = {"Authorization": f"Bearer {ayse.secret}"}
    assert (await program.request("GET", "/v1/me", headers=bearer)).status == 200
    assert (await browser.me()).status == 200
    assert await home.staff.revoke("AYŞE", "Zeynep") == "Ayşe"
    home.clock.seconds += 1
    assert (await browser.me()).status == 401
    assert (await program.request("GET", "/v1/me", headers=bearer)).status == 401
    again = await home.staff.add("Ayşe", Role.OWNER, "owner")
    assert again.secret != ayse.secret
    assert (await browser.me()).status == 401
    assert (await program.request("GET", "/v1/me", headers=bearer)).status == 401


@pytest.mark.attack("a session that outlives the token it was opened with")
async def test_a_session_ends_with_the_bridges_token(store_url: str) -> None:
    async with house(store_url) as home:
        browser = home.browser()
        await browser.log_in(token=BRIDGE_TOKEN)
        cookie = next(iter(browser.session.cookie_jar)).value
    async with house(store_url, token=SecretStr("f" * 32)) as home:
        headers = {"Cookie": f"izer_session={cookie}"}
        answer = await home.browser().request("GET", "/v1/me", headers=headers)
        assert answer.status == 401


async def test_the_store_keeps_no_secret(home: House, store_url: str) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    link = await home.staff.link("ayşe")
    browser = home.browser()
    await browser.log_in(code=link.secret)
    cookie = next(iter(browser.session.cookie_jar)).value
    members, sessions = await home.staff.members(), await home.staff.sessions()
    for secret in (ayse.secret, link.secret, cookie):
        assert secret not in f"{members}{sessions}{ayse}{link}"


@pytest.mark.attack("guessing at the login page")
async def test_attempts_are_limited(home: House) -> None:
    browser = home.browser()
    answers = [await browser.log_in(token="x") for _ in range(11)]
    assert [one.status for one in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_who_is_logged_in_is_not_held_back_by_strangers(store_url: str) -> None:
    async with house(store_url, is_open_here=False, limit=RateLimit(0.001, 5)) as home:
        browser, _ = await entered(home)
        stranger = home.browser()
        while (await stranger.request("GET", "/stats")).status != 429:
            pass
        assert (await browser.me()).status == 200


async def test_who_is_not_logged_in_is_led_to_the_form(home: House) -> None:
    browser = home.browser()
    answer = await browser.request("GET", "/?status=done&chat=7")
    assert (answer.status, answer.headers["Location"]) == (
        303,
        "/login?next=/?status%3Ddone%26chat%3D7",
    )
    script = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.request("GET", "/", headers=script)).status == 401
    answer = await browser.request("GET", "/login", headers={"Accept-Language": "en"})
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert 'name="token"' in answer.json
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
          "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
          "Sec-Fetch-Dest": "iframe"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
          "Sec-Fetch-Dest": "image"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)  # fmt: skip
async def test_a_link_may_be_opened_from_another_page_and_no_more(
    home: House, headers: dict[str, str], status: int
) -> None:
    link = await home.staff.link()
    answer = await home.browser().request("GET", f"/login?code={link.secret}", headers=headers)
    assert answer.status == status
    answer = await home.browser().request(
        "POST", "/login", data={"code": link.secret}, headers=headers
    )
    assert answer.status == 403


@pytest.mark.parametrize("forwarded", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"])
@pytest.mark.attack("a token or a session in the clear on the network")
async def test_what_a_proxy_passes_on_in_the_clear_is_refused(home: House, forwarded: str) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    link = await home.staff.link()
    browser, _ = await entered(home)
    passed_on = {forwarded: "192.0.2.7"}
    assert (await browser.request("GET", "/login", headers=passed_on)).status == 403
    answer = await browser.request("POST", "/login", data={"code": link.secret}, headers=passed_on)
    assert answer.status == 403
    assert (await browser.request("GET", "/v1/me", headers=passed_on)).status == 403
    bearer = {"Authorization": f"Bearer {ayse.secret}", **passed_on}
    assert (await home.browser().request("GET", "/v1/me", headers=bearer)).status == 403
    # What is open on loopback is not, to who only comes from there.
    assert (await home.browser().request("GET", "/stats", headers=passed_on)).status == 401


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8100", 200), ("[::1]", 200), ("pano.shop.example", 403)]
)
async def test_a_proxy_that_says_nothing_is_known_by_the_name_that_is_asked_for(
    store_url: str, host: str, status: int
) -> None:
    async with house(store_url, host_names=frozenset({"pano.shop.example"})) as home:
        answer = await home.browser().request("GET", "/login", headers={"Host": host})
        assert answer.status == status


async def test_over_a_trusted_proxy_with_tls_the_cookie_is_bound_to_it(store_url: str) -> None:
    async with house(store_url, proxies=frozenset({"127.0.0.1"})) as home:
        link = await home.staff.link()
        over = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9, 192.0.2.7"}
        answer = await home.browser().request(
            "POST", "/login", data={"code": link.secret}, headers=over
        )
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-izer_session=")
        assert "Secure" in cookie
        value = cookie.partition(";")[0]
        for headers, status in (
            ({"Cookie": value, **over}, 200),
            ({"Cookie": value.removeprefix("__Host-"), **over}, 401),
            ({"Cookie": value, **over, "X-Forwarded-Proto": "http"}, 401),
        ):
            answer = await home.browser().request("GET", "/v1/me", headers=headers)
            assert answer.status == status
