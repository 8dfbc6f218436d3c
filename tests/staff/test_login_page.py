"""The login page in Chromium: a link from another site, a token by keyboard, a phone."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, expect

from izer_bridge.web.caller import Role
from tests.servers.browser import PHONE, is_too_wide, serious
from tests.staff.house import House, house

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def home(sqlite_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{shutil.copy(sqlite_store, tmp_path / 'store.db')}") as built:
        yield built


@pytest_asyncio.fixture(loop_scope="session")
async def chat(home: House) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Another site, as a chat in the browser: its page links to what it is told."""
    words = {"link": ""}

    async def get(_: web.Request) -> web.Response:
        there = words["link"]
        body = f'<a href="{there}">link</a><img src="{there}"><iframe src="{there}"></iframe>'
        return web.Response(text=body, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", get)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://localhost:{port}/", words
    await runner.cleanup()


async def test_a_link_from_another_site_lets_in_by_its_button(
    home: House, chat: tuple[str, dict[str, str]], desk: BrowserContext
) -> None:
    page, words = chat
    link = await home.staff.link()
    words["link"] = f"{home.server.url}/login?code={link.secret}"
    tab = await desk.new_page()
    await tab.goto(page)
    await tab.get_by_role("link").click()
    await tab.wait_for_url("**/login?code=*")
    assert await tab.title() == "Giriş · izer-bridge"
    assert await serious(tab) == []
    await tab.get_by_role("button", name="Giriş yap").click()
    await expect(tab.locator("body")).to_have_text("owner")
    # The session goes with a link from there, too, and the address holds no secret any more.
    await tab.goto(page)
    words["link"] = f"{home.server.url}/"
    await tab.reload()
    await tab.get_by_role("link").click()
    await expect(tab.locator("body")).to_have_text("owner")
    assert "code" not in tab.url


async def test_a_link_that_was_used_says_what_to_do(home: House, desk: BrowserContext) -> None:
    link = await home.staff.link()
    assert await home.staff.open_by_link(link.secret, "somebody else") is not None
    tab = await desk.new_page()
    await tab.goto(f"{home.server.url}/login?code={link.secret}&lang=en")
    await tab.get_by_role("button", name="Log in").click()
    await expect(tab.get_by_role("alert")).to_contain_text("Ask for a new one")
    assert await tab.get_by_label("Token").is_visible()
    assert await serious(tab) == []


async def test_a_token_is_typed_by_keyboard_alone_on_a_phone(home: House, browser: Browser) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    context = await browser.new_context(locale="tr-TR", viewport=PHONE, color_scheme="dark")
    tab = await context.new_page()
    await tab.goto(f"{home.server.url}/")
    await expect(tab.get_by_label("Anahtar")).to_be_focused()
    assert not await is_too_wide(tab)
    assert await serious(tab) == []
    await tab.keyboard.type("yanlış")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("alert")).to_contain_text("geçerli değil")
    await expect(tab.get_by_label("Anahtar")).to_be_focused()
    await tab.keyboard.type(ayse.secret)
    await tab.keyboard.press("Enter")
    await expect(tab.locator("body")).to_have_text("Ayşe")
    await context.close()
