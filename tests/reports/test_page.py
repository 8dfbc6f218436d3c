"""`/reports` in a real browser, and `/v1/reports`, on a real store."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import BrowserContext, Page, expect

from izer_bridge.api import application
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.api import ReportRoutes, ReportSource
from izer_bridge.reports.report import PeriodName
from izer_bridge.web.operation import V1
from izer_bridge.web.server import Server
from tests.reports.test_report import HANS, ISTANBUL, OWN, RULES, said
from tests.reports.test_sums import folded
from tests.servers.browser import PHONE, is_too_wide, serious
from tests.store.ledgers import SCREENING, Clock
from tests.store.messages import message
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats
from tests.web.operations import RememberedAnswers

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    sqlite_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """Ten days of two customers, one of whom is answered after ten minutes."""
    file = shutil.copy(sqlite_store, tmp_path_factory.mktemp("reports") / "store.db")
    clock = Clock()
    ledger = SqlLedger(f"sqlite:///{file}", SCREENING, "me", clock=clock)
    await ledger.open()
    for day in range(10):
        number, at = 10 * day, clock()
        await said(ledger, message(number, sent_at=at), message(number + 1, sent_at=at, chat=HANS))
        clock.forward(600)
        answer = message(number + 2, "Bakıyoruz", sent_at=clock(), from_me=True, sender=OWN)
        await said(ledger, answer)
        clock.forward(86_400 - 600)
        await folded(ledger)
    routes = ReportRoutes(ReportSource(ledger.store, clock, ISTANBUL, RULES))
    v1 = V1(routes.all(), RememberedAnswers())
    app = application(FakeIntake(), FakeHealth(), FakeStats(), v1=v1, pages=[routes])
    async with Server(app, port=0, stop_seconds=1) as server:
        yield server
    await ledger.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(served: Server, desk: BrowserContext) -> Page:
    page = await desk.new_page()
    await page.goto(f"{served.url}/reports")
    return page


async def test_a_report_is_figures_and_charts_with_their_tables(tab: Page) -> None:
    await expect(tab.locator("h1")).to_contain_text("Bu hafta")
    await expect(tab.get_by_role("row", name="Her yanıt: ortanca")).to_contain_text("dk")
    charts = tab.get_by_role("img")
    names = await charts.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert names[0] == "Grafik: Konuya göre"
    assert names[-1] == "Grafik: Güne ve saate göre müşteri mesajı"
    assert await tab.locator("table").count() == len(names) + 1
    await tab.get_by_role("link", name="Geçen hafta").click()
    await expect(tab.locator("h1")).to_contain_text("Geçen hafta")
    await expect(tab.locator("#periods [aria-current]")).to_have_text("Geçen hafta")
    assert await serious(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone_by_day_and_night(tab: Page, scheme: str) -> None:
    await tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await tab.set_viewport_size(PHONE)
    assert not await is_too_wide(tab)
    assert await serious(tab) == []


async def test_the_language_and_its_numbers_are_the_readers(tab: Page, served: Server) -> None:
    await tab.goto(f"{served.url}/reports?lang=en&period=month")
    await expect(tab.locator("h1")).to_contain_text("This month")
    await expect(tab.get_by_role("row", name="Cost")).to_contain_text("0.01 USD")


async def test_programs_get_the_same(served: Server) -> None:
    async with ClientSession() as session:
        url = f"{served.url}/v1/reports"
        async with session.get(url, params={"period": "month"}) as answer:
            report = await answer.json()
        async with session.get(url, params={"period": "<script>"}) as answer:
            assert answer.status == 422
    assert report["now"]["messages"] == 20
    assert report["now"]["answer"]["count"] == 10
    assert sum(map(sum, report["by_hour"])) == 20
    assert report["period"]["name"] == PeriodName.MONTH


async def test_a_period_that_is_none_is_this_week(tab: Page, served: Server) -> None:
    await tab.goto(f"{served.url}/reports?period=%3Cscript%3E")
    await expect(tab.locator("h1")).to_contain_text("Bu hafta")
