"""The owner's page of people in Chromium: let in, shown once, seen, logged out, removed."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from izer_bridge.web.caller import Role
from tests.servers.browser import PHONE, is_too_wide, serious
from tests.staff.house import BRIDGE_TOKEN, PAGES_AT, House, house

pytestmark = pytest.mark.asyncio(loop_scope="session")
expect.set_options(timeout=30_000)


@pytest_asyncio.fixture(loop_scope="session")
async def home(sqlite_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{shutil.copy(sqlite_store, tmp_path / 'store.db')}") as built:
        yield built


async def entered(home: House, context: BrowserContext, token: str, path: str = "/staff") -> Page:
    tab = await context.new_page()
    await tab.goto(f"{home.server.url}{path}")
    await tab.get_by_label("Anahtar").fill(token)
    await tab.get_by_role("button", name="Giriş yap").click()
    await tab.wait_for_url(f"{home.server.url}{path}")
    return tab


async def test_an_owner_lets_somebody_in_who_is_seen_and_removed(
    home: House, desk: BrowserContext, browser: Browser
) -> None:
    tab = await entered(home, desk, BRIDGE_TOKEN)
    await expect(tab).to_have_title("Kişiler · izer-bridge")
    await tab.get_by_label("Ad", exact=True).fill("Ayşe <b>Yılmaz</b>")
    await tab.get_by_role("button", name="Kişi ekle").click()
    link = tab.locator("#add output[name=link]")
    await expect(link).to_contain_text(f"{PAGES_AT}/login?code=")
    member = tab.locator("#members > li", has_text="Ayşe <b>Yılmaz</b>")
    await expect(member).to_contain_text("Henüz giriş yapmadı")
    assert await serious(tab) == []

    theirs = await browser.new_context(locale="tr-TR")
    at = urlsplit(await link.inner_text())
    phone = await theirs.new_page()
    await phone.goto(f"{home.server.url}{at.path}?{at.query}")
    await phone.get_by_role("button", name="Giriş yap").click()
    await expect(phone.locator("body")).to_have_text("Ayşe <b>Yılmaz</b>")
    await phone.goto(f"{home.server.url}/")
    await expect(member).to_contain_text("Şu anda burada")
    # What was shown once is not shown again.
    await tab.reload()
    await expect(tab.locator("#members")).to_contain_text("Ayşe")
    await expect(link).to_be_hidden()
    assert at.query not in await tab.content()

    home.clock.now += timedelta(minutes=2)
    await expect(member).to_contain_text("Son görülme 01.03.2026 15:00")
    await member.get_by_role("button", name="Oturumu kapat").click()
    await expect(member.get_by_role("button", name="Oturumu kapat")).to_have_count(0)
    await member.get_by_role("button", name="Giriş bağlantısı").click()
    await expect(tab.locator("#invite")).to_contain_text(f"{PAGES_AT}/login?code=")
    tab.on("dialog", lambda dialog: dialog.accept())
    await member.get_by_role("button", name="Çıkar").click()
    await expect(member).to_contain_text("01.03.2026 15:02 tarihinde çıkarıldı")
    await expect(member.get_by_role("button")).to_have_count(0)
    # Nobody removes themselves.
    await expect(tab.get_by_role("button", name="Çıkar", exact=True)).to_have_count(0)
    await theirs.close()


async def test_a_name_that_is_taken_is_told_beside_the_form(
    home: House, desk: BrowserContext
) -> None:
    await home.staff.add("Ayşe", Role.STAFF, "owner")
    tab = await entered(home, desk, BRIDGE_TOKEN)
    await tab.get_by_label("Ad", exact=True).fill("ayşe")
    await tab.get_by_label("Rol").select_option("Sahip")
    await tab.get_by_role("button", name="Kişi ekle").click()
    alert = tab.locator("#add [role=alert]")
    await expect(alert).to_contain_text("Olmadı, hiçbir şey değişmedi")
    await expect(alert).to_contain_text("Ayşe is there already")
    assert [one.role for one in await home.staff.members() if one.name == "Ayşe"] == [Role.STAFF]


async def test_on_a_phone_in_english_by_night(home: House, browser: Browser) -> None:
    await home.staff.add("A" * 64, Role.OWNER, "owner")
    await home.staff.add("Zeynep", Role.STAFF, "owner")
    context = await browser.new_context(locale="tr-TR", viewport=PHONE, color_scheme="dark")
    tab = await entered(home, context, BRIDGE_TOKEN)
    await tab.get_by_role("link", name="English").click()
    await expect(tab.get_by_role("heading", name="People")).to_be_visible()
    await tab.get_by_role("button", name="Login link").first.click()
    await expect(tab.locator("#invite")).to_contain_text("shown once")
    assert not await is_too_wide(tab)
    assert await serious(tab) == []
    await context.close()


async def test_staff_are_not_led_there_and_not_let_in(home: House, desk: BrowserContext) -> None:
    ayse = await home.staff.add("Ayşe", Role.STAFF, "owner")
    tab = await entered(home, desk, ayse.secret, "/")
    answer = await tab.goto(f"{home.server.url}/staff")
    assert answer is not None
    assert answer.status == 403
    await expect(tab.get_by_text("Buna izniniz yok")).to_be_visible()
    await expect(tab.get_by_role("link", name="Kişiler")).to_have_count(0)
