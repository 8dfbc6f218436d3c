"""`/search` and `/chats/{id}` in a real browser, on a real store with what strangers write."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from izer_bridge.api import application
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.message import Kind, Media
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.search.api import SearchOperations
from izer_bridge.search.pages import ReadingPages
from izer_bridge.search.store import hits
from izer_bridge.web.operation import V1
from izer_bridge.web.server import Server
from tests.hostile import hostile
from tests.reports.test_report import ISTANBUL
from tests.servers.browser import PHONE, is_too_wide, serious
from tests.store.filled import fill
from tests.store.ledgers import SCREENING
from tests.store.messages import ACCOUNT, NOON, NUMBER, in_group, message
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats
from tests.web.operations import RememberedAnswers

pytestmark = pytest.mark.asyncio(loop_scope="session")
PICTURE = Media("image/jpeg", 9, "<img src=x onerror=document.title='x'>.jpg", b"source")
MESSAGES = [
    message(1, "Frenim <b>bozuk</b><script>document.title='x'</script>"),
    message(2, "", kind=Kind.IMAGE, media=PICTURE),
    message(3, "Vitesim bozuk", kind=Kind.EDIT, target_id="3EB0000001"),
    message(4, "👍", kind=Kind.REACTION, target_id="3EB0000002"),
    in_group(5, "Grupta fren"),
    *(message(10 + number, f"söz {text}", sender_name=text[:200])
      for number, text in enumerate(hostile(100))),
    *(message(300 + number, f"fren {number}") for number in range(80)),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    sqlite_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    file = shutil.copy(sqlite_store, tmp_path_factory.mktemp("search") / "store.db")
    url = f"sqlite:///{file}"
    await fill(url, MESSAGES)
    ledger = SqlLedger(url, SCREENING, "me")
    await ledger.open()
    gap = Gap(ACCOUNT, "gone", GapReason.UNDECRYPTABLE, NOON + timedelta(seconds=350), chat=NUMBER)
    await ledger.notice([gap])
    v1 = V1(SearchOperations(ledger.store).all(), RememberedAnswers())
    app = application(FakeIntake(), FakeHealth(), FakeStats(), v1=v1,
                      pages=[ReadingPages(ledger.store, ISTANBUL)])  # fmt: skip
    async with Server(app, port=0, stop_seconds=1) as server:
        yield server
    await ledger.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(served: Server, desk: BrowserContext) -> Page:
    page = await desk.new_page()
    await page.goto(f"{served.url}/search")
    return page


async def test_a_word_leads_to_the_message_in_its_chat(tab: Page) -> None:
    await tab.get_by_label("Sözcükler").fill("VİTES")
    await tab.keyboard.press("Enter")
    await tab.locator("#found a").first.click()
    said = tab.locator("#history .said:target")
    await expect(said).to_contain_text("Vitesim bozuk")
    await expect(said).to_contain_text("Önce: Frenim <b>bozuk</b><script>")
    await expect(tab.get_by_text("Yazışmanın başı")).to_be_visible()
    assert await tab.title() != "x"
    assert await serious(tab) == []


async def test_results_and_chats_are_read_page_by_page(tab: Page, served: Server) -> None:
    await tab.goto(f"{served.url}/search?q=fren")
    await expect(tab.locator("#found > li")).to_have_count(30)
    assert await serious(tab) == []
    export = await tab.locator("#export").get_attribute("href")
    await tab.locator("#more").click()
    await tab.locator("#more").click()
    await expect(tab.locator("#found > li")).to_have_count(82 - 60)
    assert export is not None
    async with tab.expect_download() as download:
        await tab.evaluate(f"location.assign({export!r})")
    assert (await download.value).suggested_filename == "izer-search.csv"
    await tab.goto(f"{served.url}/chats/1")
    newest = tab.locator("#history .said").last
    await expect(newest).to_contain_text("fren 79")
    assert await tab.get_by_text("Burada bir mesaj eksik").count() == 1
    await tab.locator("#older").click()
    await tab.locator("#newer").click()
    await expect(newest).to_contain_text("fren 79")


@pytest.mark.parametrize("path", ["/search?q=s%C3%B6z", "/chats/1", "/search?q=a"])
async def test_nothing_of_strangers_runs_or_widens_a_phone(
    tab: Page, served: Server, path: str
) -> None:
    await tab.set_viewport_size(PHONE)
    await tab.goto(f"{served.url}{path}")
    for _ in range(6):
        assert not await is_too_wide(tab)
        assert await tab.evaluate("document.querySelectorAll('main script, main svg').length") == 0
        following = tab.locator("#more, #older")
        if not await following.count():
            break
        # Else the page that is left may be asked.
        async with tab.expect_navigation():
            await following.first.click()
    assert await serious(tab) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=a", "En az iki harfli"),
        ("q=fren&person=%3Cb%3Enobody", "Bu adda ya da numarada kimse yok"),
        ("q=fren&since=yesterday", "Tarih anlaşılmadı"),
        ("q=fren&category=none", "Böyle bir konu yok"),
        ("q=olmayan", "Hiçbir mesajda bulunmadı"),
    ],
)
async def test_what_is_wrong_is_said_above_what_was_typed(
    tab: Page, served: Server, query: str, said: str
) -> None:
    await tab.goto(f"{served.url}/search?{query}")
    await expect(tab.locator("main")).to_contain_text(said)
    assert await tab.get_by_label("Sözcükler").input_value() in query


async def test_a_page_without_a_find_leads_further_back(
    tab: Page, served: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many have the word, and those who do not fit are the newer ones."""
    monkeypatch.setattr(hits, "_BATCH", 40)
    monkeypatch.setattr(hits, "_MOST_LOOKS", 1)
    await tab.goto(f"{served.url}/search?q=fren&until=2026-02-28")
    await expect(tab.get_by_role("status")).to_contain_text("daha eskilere")
    await tab.locator("#more").click()
    await expect(tab.get_by_role("status")).to_contain_text("daha eskilere")


async def test_ids_of_nobody_are_said_to_be_none(tab: Page, served: Server) -> None:
    for path, status in (("/chats/99", 404), ("/chats/1?at=99999", 404), ("/chats/x", 404),
                         ("/chats/1?before=x", 422)):  # fmt: skip
        answer = await tab.goto(f"{served.url}{path}")
        assert answer is not None
        assert answer.status == status
