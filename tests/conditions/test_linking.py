"""A phone is linked from the page of a real daemon, which says so by itself."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from izer_bridge.domain.condition import ConditionName
from izer_bridge.simulator.camera import read_picture
from tests.conditions.shop import opened_shop
from tests.conditions.test_link_page import phone_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
_LOADED = "document.title = 'loaded once'"


async def test_the_shop_scans_twice_and_is_linked_without_loading_the_page_anew(
    browser: Browser, tmp_path: Path
) -> None:
    async with opened_shop(tmp_path) as shop, shop.bridge() as bridge:
        await bridge.line("state=scan_qr_code")
        token = (Path(shop.settings["IZER_STATE_DIR"]) / "api_token").read_text("ascii").strip()
        async with phone_of(browser, token) as tab:
            await tab.goto(f"{shop.url}/link")
            await tab.evaluate(_LOADED)
            code = tab.locator("#link svg")
            first = read_picture(await code.screenshot())
            await shop.whatsapp.ask_for_second_scan()
            await expect(tab.locator("#link")).to_contain_text("Bir kez daha")
            second = read_picture(await code.screenshot())
            assert first not in ("", second)
            await shop.whatsapp.scan(second)
            await expect(tab.locator("#link")).to_contain_text("Bağlı; mesajlar geliyor.")
            await expect(code).to_have_count(0)
            assert await tab.title() == "loaded once"
            await shop.whatsapp.log_out()
            await expect(tab.locator("#wrong")).to_contain_text("WhatsApp bağlantısı kaldırıldı")
            await expect(code).to_be_visible()


async def test_sending_that_whatsapp_has_stopped_goes_on_by_a_button(
    browser: Browser, tmp_path: Path
) -> None:
    async with opened_shop(tmp_path) as shop, shop.linked(IZER_REPLY__MODE="send") as bridge:
        shop.whatsapp.server.reception.refused = 2
        await shop.ask()
        await shop.ask(who=1)
        await shop.told(bridge, ConditionName.SENDING_STOPPED)
        token = (Path(shop.settings["IZER_STATE_DIR"]) / "api_token").read_text("ascii").strip()
        async with phone_of(browser, token) as tab:
            tab.on("dialog", lambda dialog: dialog.accept())
            await tab.goto(f"{shop.url}/link")
            await tab.get_by_role("button", name="Göndermeye devam et").click()
            await expect(tab.locator("#news")).to_have_text("Gönderim sürüyor.")
            await shop.ended(bridge, ConditionName.SENDING_STOPPED)
            await expect(tab.get_by_role("button", name="Göndermeye devam et")).to_have_count(0)
        [breaker] = await shop.store.rows("SELECT closed_by FROM send_breakers")
        assert breaker.closed_by == "HTTP"
