"""The page of link and health in a real browser: the code, what is wrong, what is mended."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from izer_bridge.api import application
from izer_bridge.conditions.api import HealthOperations
from izer_bridge.conditions.link_page import LinkView
from izer_bridge.conditions.page import LinkPage
from izer_bridge.domain.condition import ConditionName, error, warning
from izer_bridge.domain.kept_backup import KeptBackup
from izer_bridge.domain.link_state import LinkState
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.simulator.camera import read_picture
from izer_bridge.web.access import Access
from izer_bridge.web.language import Language
from izer_bridge.web.operation import V1
from izer_bridge.web.server import Server
from tests.conditions.mending import CODE, HOSTILE, STAFF_SECRET, Mended, StaffAlone
from tests.servers.browser import PHONE, is_too_wide, serious
from tests.store.ledgers import SCREENING, Clock
from tests.web.fakes import FakeIntake, FakeStats
from tests.web.operations import RememberedAnswers

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOKEN = "0123456789abcdef0123456789abcdef"
_WRONG = [
    error(ConditionName.AGENT_DOWN, "agent chef has failed", "start it", about="chef"),
    warning(ConditionName.DRAFTS_WAITING, "2 drafts wait", "izer-bridge drafts list"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def mended(tmp_path: Path) -> AsyncIterator[Mended]:
    store = f"sqlite:///{tmp_path}/store.db"
    ledger = SqlLedger(store, SCREENING, "me", lease_seconds=60, clock=Clock())
    await ledger.open()
    inbox = SqliteInbox(tmp_path / "inbox.db")
    yield Mended(ledger, inbox, tmp_path)
    inbox.close()
    await ledger.close()


@pytest_asyncio.fixture(loop_scope="session")
async def url(mended: Mended) -> AsyncIterator[str]:
    desk = mended.desk
    app = application(
        FakeIntake(),
        mended.health,
        FakeStats(),
        Access(SecretStr(TOKEN), people=StaffAlone()),
        v1=V1(HealthOperations(desk).all(), RememberedAnswers()),
        pages=[LinkPage(desk, ZoneInfo("Europe/Istanbul"))],
    )
    async with Server(app, port=0, stop_seconds=1) as server:
        yield f"{server.url}/link"


@asynccontextmanager
async def phone_of(browser: Browser, secret: str) -> AsyncIterator[Page]:
    """A telephone that shows its secret with each request."""
    headers = {"Authorization": f"Bearer {secret}"}
    context = await browser.new_context(viewport=PHONE, locale="tr-TR", extra_http_headers=headers)
    context.set_default_timeout(30_000)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """The owner's telephone."""
    async with phone_of(browser, TOKEN) as tab:
        yield tab


async def _read(tab: Page) -> str:
    return read_picture(await tab.locator("#link svg").screenshot())


async def test_a_phone_reads_the_code_by_day_and_by_night(
    mended: Mended, url: str, tab: Page
) -> None:
    mended.show_code()
    await tab.goto(url)
    for scheme in ("light", "dark"):
        await tab.emulate_media(color_scheme=scheme)
        assert await _read(tab) == CODE
        assert await serious(tab) == []
        assert not await is_too_wide(tab)
    left = int(await tab.locator("[data-until]").inner_text())
    assert 0 < left <= 60


async def test_a_new_code_and_the_link_come_by_themselves(
    mended: Mended, url: str, tab: Page
) -> None:
    mended.show_code()
    await tab.goto(url)
    await tab.evaluate("document.title = 'not loaded anew'")
    mended.show_code(LinkState.SCAN_AGAIN, other := CODE.replace("Ab1", "Cd2"))
    await expect(tab.locator("#link")).to_contain_text("Bir kez daha")
    await expect(tab.locator("#news")).to_have_text("WhatsApp ikinci bir okutma istiyor.")
    assert await _read(tab) == other
    mended.note = replace(mended.note, state=str(LinkState.CONNECTED), code=None)
    await expect(tab.locator("#link")).to_contain_text("Bağlı; mesajlar geliyor.")
    assert await tab.locator("#link svg").count() == 0
    assert await tab.title() == "not loaded anew"


async def test_what_has_not_changed_stays_as_it_is(mended: Mended, url: str, tab: Page) -> None:
    mended.show_code()
    await tab.goto(url)
    await tab.locator("#link svg").evaluate("one => { one.mine = 'yes'; }")
    mended.health.value = replace(mended.health.value, conditions=_WRONG)
    await expect(tab.locator("#wrong")).to_contain_text("ajan yanıt vermiyor")
    assert await tab.locator("#link svg").evaluate("one => one.mine") == "yes"


async def test_staff_see_neither_the_code_nor_a_button(
    mended: Mended, url: str, browser: Browser
) -> None:
    await mended.fill()
    mended.show_code()
    async with phone_of(browser, STAFF_SECRET) as tab:
        await tab.goto(url)
        await expect(tab.locator("#link")).to_contain_text("yalnızca dükkân sahibi")
        assert await tab.locator("svg, button").count() == 0
        assert CODE not in await tab.content()
        await expect(tab.locator("#letters")).to_contain_text("<img src=x")


async def test_a_stranger_is_sent_away(mended: Mended, url: str, browser: Browser) -> None:
    mended.show_code()
    async with phone_of(browser, "guessed") as tab:
        answer = await tab.request.get(url, max_redirects=0)
        assert (answer.status, "<svg" in await answer.text()) == (303, False)


async def test_fresh_codes_are_asked_for_with_the_keyboard(
    mended: Mended, url: str, tab: Page
) -> None:
    mended.note = replace(mended.note, state=str(LinkState.QR_EXPIRED))
    await tab.goto(url)
    await tab.get_by_role("button", name="Yeni kod göster").focus()
    async with tab.expect_response(lambda one: one.url.endswith("/v1/link/codes")):
        await tab.keyboard.press("Enter")
    assert mended.renewed == 1


async def test_what_is_wrong_is_said_with_its_remedy(mended: Mended, url: str, tab: Page) -> None:
    mended.health.value = replace(mended.health.value, conditions=_WRONG)
    await tab.goto(url)
    first, second = await tab.locator("#wrong li").all()
    await expect(first).to_contain_text("Bir ajan yanıt vermiyor (chef)")
    await expect(first).to_contain_text("Ne yapmalı: Ajanı çalıştırın")
    await expect(second).to_contain_text("Onay bekleyen taslaklar var")
    await first.get_by_text("Ayrıntı").click()
    await expect(first.locator("[lang=en]")).to_have_text("agent chef has failed → start it")
    assert await serious(tab) == []
    await tab.goto(f"{url}?lang=en")
    await expect(tab.locator("#wrong li").first).to_contain_text("agent chef has failed")


async def test_what_is_missing_or_failed_is_mended_on_the_page(
    mended: Mended, url: str, tab: Page
) -> None:
    await mended.fill()
    await tab.goto(url)
    assert await serious(tab) == []
    assert not await is_too_wide(tab)
    await expect(tab.locator("#letters .name")).to_have_text(HOSTILE)
    await tab.get_by_role("button", name="Halledildi").click()
    await expect(tab.locator("#gaps")).to_contain_text("Eksik mesaj yok.")
    await tab.locator("#letters").get_by_role("button", name="Yeniden dene").first.click()
    await expect(tab.locator("#letters")).to_contain_text("Son 7 günde işlenemeyen mesaj yok.")
    tab.on("dialog", lambda dialog: dialog.accept())
    await tab.locator("#events").get_by_role("button", name="Hepsini").click()
    await expect(tab.locator("#events")).to_contain_text("Kaydedilemeyen olay yok.")
    assert mended.inbox.take_back() == 1


async def test_what_somebody_else_has_mended_first_is_said(
    mended: Mended, url: str, tab: Page
) -> None:
    await mended.fill()
    await tab.goto(url)
    await tab.route(f"{url}/live", lambda route: route.abort())
    await mended.desk.close_gap(1)
    await tab.get_by_role("button", name="Halledildi").click()
    await expect(tab.locator("#news")).to_contain_text("no open gap has the id 1")


async def test_a_bridge_that_is_away_is_said_and_comes_back(
    mended: Mended, url: str, tab: Page
) -> None:
    await tab.goto(url)
    await tab.route(f"{url}/live", lambda route: route.abort())
    await expect(tab.locator("#away")).to_be_visible()
    await tab.unroute(f"{url}/live")
    await expect(tab.locator("#away")).to_be_hidden()


async def test_an_old_backup_is_marked(mended: Mended, url: str, tab: Page) -> None:
    await tab.goto(url)
    await expect(tab.locator("#machine .soon")).to_have_text("yedek yok")
    mended.backup = KeptBackup(datetime.now(UTC), 1_000)
    await expect(tab.locator("#machine .soon")).to_have_count(0)
    mended.backup = KeptBackup(datetime.now(UTC) - timedelta(days=3), 1_000)
    await expect(tab.locator("#machine .soon")).to_have_count(1)


async def test_while_the_store_is_away_the_rest_is_shown(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path}/store.db", SCREENING, "me", lease_seconds=60)
    inbox = SqliteInbox(tmp_path / "inbox.db")
    mended = Mended(ledger, inbox, tmp_path)
    found = await mended.desk.look()
    assert (found.gaps, found.letters, found.events) == (None, None, [])
    view = LinkView(Language.TR, True, ZoneInfo("Europe/Istanbul"), datetime.now(UTC))
    drawn = str(view.live(found, "/link/live"))
    assert drawn.count("Şu anda bilinmiyor") == 2
    assert "Bağlı; mesajlar geliyor." in drawn
    inbox.close()
