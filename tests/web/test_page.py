"""The shell of the pages, in a real browser: language, policy, static files, small screens."""

from collections.abc import AsyncIterator

import htpy as h
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from playwright.async_api import Browser, BrowserContext, ConsoleMessage

from izer_bridge.api import application
from izer_bridge.web.page import page
from izer_bridge.web.server import Server
from izer_bridge.web.static_files import FOLDER
from tests.servers.browser import PHONE, is_too_wide, serious
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats

pytestmark = pytest.mark.asyncio(loop_scope="session")
# As a stranger may call himself: neither markup nor one long word changes the page.
_NAME = "<script>document.title='x'</script>" + "İ" * 300


async def _board(request: web.Request) -> web.Response:
    refusing = h.script["document.title = 'inline'"]
    return page(request, "Pano", h.h1["Bekleyenler"], h.p(".name")[_NAME], refusing)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def url() -> AsyncIterator[str]:
    app = application(FakeIntake(), FakeHealth(), FakeStats())
    app.router.add_get("/", _board, name="page-board")
    async with Server(app, port=0, stop_seconds=1) as server:
        yield server.url


async def test_a_page_is_shown_and_nothing_inline_runs(url: str, desk: BrowserContext) -> None:
    tab = await desk.new_page()
    said: list[ConsoleMessage] = []
    tab.on("console", lambda message: said.append(message))
    await tab.goto(url)
    assert await tab.title() == "Pano · izer-bridge"
    assert await tab.locator("nav a").all_inner_texts() == ["Pano"]
    assert await tab.locator("nav a[aria-current=page]").count() == 1
    assert await tab.locator(".name").inner_text() == _NAME
    assert ["inline script" in one.text for one in said] == [True]
    assert await serious(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone_by_day_and_night(url: str, browser: Browser, scheme: str) -> None:
    context = await browser.new_context(
        viewport=PHONE,
        color_scheme=scheme,  # type: ignore[arg-type] # one of the two that it names
    )
    tab = await context.new_page()
    await tab.goto(url)
    assert not await is_too_wide(tab)
    assert await serious(tab) == []
    heights = await tab.locator("header a").evaluate_all("all => all.map(a => a.offsetHeight)")
    assert min(heights) >= 44
    await context.close()


async def test_the_language_that_was_chosen_stays(url: str, desk: BrowserContext) -> None:
    tab = await desk.new_page()
    await tab.goto(url)
    assert await tab.locator("html").get_attribute("lang") == "tr"
    await tab.get_by_role("link", name="English").click()
    await tab.goto(url)
    assert await tab.locator("html").get_attribute("lang") == "en"
    assert await tab.locator("nav a").all_inner_texts() == ["Board"]


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("en-GB,en;q=0.9,tr;q=0.8", "en"),
        ("tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        ("de-DE,de;q=0.9,en;q=0.5", "en"),
        ("tr;q=0.2, en;q=0.7", "en"),
        ("en;q=0, de", "tr"),
        ("en;q=viel", "tr"),
        ("de", "tr"),
        ("", "tr"),
        ("*", "tr"),
    ],
)
async def test_the_browser_says_which_language_is_spoken(
    url: str, accepted: str, expected: str
) -> None:
    async with (
        ClientSession() as session,
        session.get(url, headers={"Accept-Language": accepted}) as response,
    ):
        assert f'<html lang="{expected}">' in await response.text()


async def test_the_script_can_be_read_at_once() -> None:
    assert len((FOLDER / "page.js").read_text("utf-8").splitlines()) < 300


async def test_static_files_may_be_kept_for_ever(url: str, desk: BrowserContext) -> None:
    tab = await desk.new_page()
    await tab.goto(url)
    style = await tab.locator("link[rel=stylesheet]").get_attribute("href")
    assert style is not None
    kept = await tab.request.get(f"{url}{style}")
    assert kept.headers["cache-control"].endswith("immutable")
    assert kept.headers["content-type"] == "text/css; charset=utf-8"
    for other in ("/static/page.css", "/static/..%2fpage.py", f"{style}x"):
        assert (await tab.request.get(f"{url}{other}")).status == 404
