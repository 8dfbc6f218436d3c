"""The board in a real browser, on stand-ins: what stays, what moves, what is never lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout
from playwright.async_api import Browser, BrowserContext, Page, expect

from izer_bridge.board.pane_texts import PANE_TEXTS
from izer_bridge.conversations.conversation import ConversationStatus
from izer_bridge.domain.message import Kind
from izer_bridge.media.decide import MediaState
from izer_bridge.search.history import FileOf, QuotedWords, ReactionOf
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.web.language import Language
from izer_bridge.web.server import Server
from izer_bridge.writing.decide import WhyUnwritten
from izer_bridge.writing.quick_replies import QuickReply
from tests.board.shop import Shop, conversation, critical, draft, message, server
from tests.hostile import hostile
from tests.servers.browser import PHONE, is_too_wide, serious

pytestmark = pytest.mark.asyncio(loop_scope="session")
expect.set_options(timeout=30_000)
_MARKUP = [
    "<script>document.title='x'</script>",
    "<img src=x onerror=\"document.title='x'\">",
    "\"><svg onload=document.title='x'>",
    "' autofocus onfocus=document.title='x' '",
    "javascript:document.title='x'",
    "</title></textarea></style>",
    "&lt;b&gt; &amp; &#x202e;",
    "{}{}",
    "İ" * 400,
    "مرحبا \u202e ters",
]


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> Shop:
    shop = Shop()
    shop.change(*(conversation(number) for number in range(10, 14)))
    return shop


@pytest_asyncio.fixture(loop_scope="session")
async def served(shop: Shop) -> AsyncIterator[Server]:
    async with server(shop) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def tab(served: Server, desk: BrowserContext) -> Page:
    return await opened(desk, served)


async def opened(desk: BrowserContext, served: Server, path: str = "/") -> Page:
    """A board that hears what changes."""
    tab = await desk.new_page()
    async with tab.expect_response("**/board/list*"):
        await tab.goto(f"{served.url}{path}")
    return tab


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if holds():
                return
            await asyncio.sleep(0.02)


async def names(tab: Page) -> list[str]:
    return await tab.locator("#rows .name").all_inner_texts()


def listed(*numbers: int) -> list[str]:
    return [f"Müşteri {number}" for number in numbers]


async def test_who_waits_is_listed_by_time_left(shop: Shop, tab: Page) -> None:
    await expect(tab.locator("#rows .name")).to_have_text(listed(10, 11, 12, 13))
    now = datetime.now(UTC)
    due = now - timedelta(minutes=7, seconds=30)
    shop.change(critical(9, due_at=due, soon_at=due))
    first = tab.locator("#c9")
    await expect(first).to_contain_text("7 dk gecikti")
    await expect(first).to_contain_text("Aciliyet 9/10")
    await expect(first).to_contain_text("sürüş güvenliği, “fren”, “tutmuyor”")
    assert await names(tab) == listed(9, 10, 11, 12, 13)
    await expect(tab).to_have_title("1 gecikmiş · Pano · izer-bridge")
    await expect(tab.locator("#show-open .mark")).to_have_text("5")


async def test_what_is_done_leaves_and_what_is_due_sooner_moves(shop: Shop, tab: Page) -> None:
    await expect(tab.locator("#rows .name")).to_have_count(4)
    shop.change(conversation(11, status=ConversationStatus.DONE))
    await expect(tab.locator("#rows .name")).to_have_text(listed(10, 12, 13))
    shop.change(conversation(13, due_at=datetime.now(UTC) + timedelta(minutes=2)))
    await expect(tab.locator("#rows .name")).to_have_text(listed(13, 10, 12))


async def test_a_status_is_shown_apart(shop: Shop, tab: Page) -> None:
    until = datetime.now(UTC) + timedelta(hours=3, seconds=30)
    shop.change(conversation(12, status=ConversationStatus.SNOOZED, snoozed_until=until))
    await expect(tab.locator("#rows .name")).to_have_text(listed(10, 11, 13))
    await tab.get_by_role("link", name="Ertelendi").click()
    await expect(tab.locator("#rows .name")).to_have_text(listed(12))
    await expect(tab.locator("#c12")).to_contain_text("3 sa kaldı")
    shop.change(conversation(12))
    await expect(tab.locator("#rows .name")).to_have_count(0)
    await expect(tab.locator("#nobody")).to_be_visible()


async def test_a_long_list_comes_in_parts_and_each_once(
    shop: Shop, served: Server, desk: BrowserContext
) -> None:
    shop.change(*(conversation(number) for number in range(100, 190)))
    tab = await opened(desk, served)
    await expect(tab.locator("#rows li")).to_have_count(40)
    shop.change(conversation(300))
    for count in (80, 95):
        await tab.locator("#more").click()
        await expect(tab.locator("#rows li")).to_have_count(count)
    await expect(tab.locator("#more")).to_have_count(0)
    assert await names(tab) == listed(*range(10, 14), *range(100, 190), 300)
    await expect(tab.locator("#latest li")).to_have_count(0)


async def test_a_list_is_filled_up_again_as_it_is_worked_off(
    shop: Shop, served: Server, desk: BrowserContext
) -> None:
    shop.change(*(conversation(number) for number in range(100, 190)))
    tab = await opened(desk, served)
    await expect(tab.locator("#rows li")).to_have_count(40)
    for number in range(100, 125):
        shop.change(conversation(number, status=ConversationStatus.DONE))
    await expect(tab.locator("#rows .name")).to_have_text(listed(*range(10, 14), *range(125, 176)))


async def test_news_that_sorts_behind_what_was_loaded_is_seen_at_once(
    shop: Shop, served: Server, desk: BrowserContext
) -> None:
    shop.change(*(conversation(number) for number in range(100, 190)))
    tab = await opened(desk, served)
    latest = tab.locator("#latest .name")
    await expect(tab.locator("#latest")).to_be_hidden()
    for number in (300, 301, 302, 303):
        shop.change(conversation(number))
    await expect(latest).to_have_text(listed(303, 302, 301))
    await expect(tab.get_by_role("list", name="Az önce")).to_be_visible()
    await tab.keyboard.press("j")
    await expect(tab.locator("#c303 a")).to_be_focused()
    # What is more urgent now, or answered, is no longer apart.
    shop.change(conversation(302, due_at=datetime.now(UTC)))
    shop.change(conversation(303, status=ConversationStatus.WAITING_FOR_CUSTOMER))
    await expect(latest).to_have_text(listed(301))
    await expect(tab.locator("#rows .name").first).to_have_text(*listed(302))
    assert await serious(tab) == []


async def test_what_was_typed_survives_news_another_chat_and_a_reload(
    shop: Shop, tab: Page
) -> None:
    shop.drafts[5] = draft(5, 10, "Fiyatı 100 TL.")
    shop.drafts[6] = draft(6, 10, "Fiyatı 200 TL.")
    shop.change(conversation(10, draft_id=5))
    await tab.locator("#c10 a").click()
    text = tab.locator("#text")
    await expect(text).to_have_value("Fiyatı 100 TL.")
    await text.fill("Sizi arıyoruz")
    shop.said[10] = [message(1, "Hâlâ bekliyorum")]
    shop.change(conversation(10, draft_id=6, unanswered=2))
    await expect(tab.locator("#pane-said")).to_contain_text("Hâlâ bekliyorum")
    await expect(text).to_have_value("Sizi arıyoruz")
    await expect(text).to_be_focused()
    await expect(tab.locator("#answer [role=alert]")).to_contain_text("taslak değişti")
    await tab.locator("#c11 a").click()
    await expect(tab.locator("#pane-name")).to_have_text("Müşteri 11")
    await expect(text).to_have_value("")
    await tab.go_back()
    await expect(text).to_have_value("Sizi arıyoruz")
    await tab.reload()
    await expect(text).to_have_value("Sizi arıyoruz")


async def test_a_draft_that_nobody_touched_is_replaced(shop: Shop, tab: Page) -> None:
    shop.drafts[5] = draft(5, 10, "Fiyatı 100 TL.")
    shop.drafts[6] = draft(6, 10, "Fiyatı 200 TL.")
    shop.change(conversation(10, draft_id=5))
    await tab.locator("#c10 a").click()
    await expect(tab.locator("#text")).to_have_value("Fiyatı 100 TL.")
    shop.change(conversation(10, draft_id=6))
    await expect(tab.locator("#text")).to_have_value("Fiyatı 200 TL.")
    assert await tab.locator("#answer").get_attribute("data-approve") == "/v1/drafts/6/approve"


async def test_a_quick_reply_is_inserted_where_one_writes(shop: Shop, tab: Page) -> None:
    shop.quick = [
        QuickReply("Kaçta açılıyorsunuz?", "Hafta içi 09:00'da açılıyoruz.", "tr", True),
        QuickReply("<b>Kargo</b>", "Kargo\n3 gün sürer.", "tr", False),
    ]
    await tab.locator("#c10 a").click()
    await tab.locator("#text").fill("Merhaba! ")
    await tab.locator("#quick summary").click()
    await tab.get_by_role("button", name="Kaçta açılıyorsunuz?").click()
    await expect(tab.locator("#text")).to_have_value("Merhaba! Hafta içi 09:00'da açılıyoruz.")
    await expect(tab.locator("#text")).to_be_focused()
    await tab.get_by_role("button", name="<b>Kargo</b>").click()
    whole = "Merhaba! Hafta içi 09:00'da açılıyoruz.Kargo\n3 gün sürer."
    await expect(tab.locator("#text")).to_have_value(whole)
    await tab.reload()
    await expect(tab.locator("#text")).to_have_value(whole)


async def test_the_focus_stays_where_it_was(shop: Shop, tab: Page) -> None:
    await tab.locator("#c11 a").focus()
    shop.change(conversation(11, due_at=datetime.now(UTC) + timedelta(minutes=1), unanswered=4))
    await expect(tab.locator("#c11")).to_contain_text("4 yanıtsız mesaj")
    await expect(tab.locator("#c11 a")).to_be_focused()
    shop.change(conversation(11, status=ConversationStatus.WAITING_FOR_CUSTOMER))
    await expect(tab.locator("#c10 a")).to_be_focused()


async def test_a_menu_that_is_open_stays_open(shop: Shop, tab: Page) -> None:
    await tab.locator("#c11 a").click()
    await tab.locator("#snooze summary").click()
    shop.change(conversation(11, is_vip=True))
    await expect(tab.locator("#pane-head")).to_contain_text("VIP")
    await expect(tab.locator("#snooze form").first).to_be_visible()


async def test_on_a_phone_the_latest_message_is_seen_at_once(
    shop: Shop, served: Server, browser: Browser
) -> None:
    shop.said[10] = [message(number, f"{number}. mesaj") for number in range(1, 21)]
    context = await browser.new_context(locale="tr-TR", viewport=PHONE)
    tab = await opened(context, served)
    await tab.locator("#c10 a").click()
    await expect(tab.get_by_text("20. mesaj", exact=True)).to_be_in_viewport()
    await context.close()


async def test_a_snooze_into_the_past_is_refused_while_it_is_chosen(tab: Page) -> None:
    await tab.locator("#c11 a").click()
    await tab.locator("#snooze summary").click()
    until = tab.locator("#snooze input[name=until]")
    await until.fill("2020-01-01T09:00")
    assert not await until.evaluate("one => one.checkValidity()")
    await until.fill("2999-01-01T09:00")
    assert await until.evaluate("one => one.checkValidity()")


async def test_by_keyboard_alone(shop: Shop, tab: Page) -> None:
    shop.drafts[5] = draft(5, 11, "Fiyatı 100 TL.")
    shop.change(conversation(11, draft_id=5))
    await tab.keyboard.press("j")
    await expect(tab.locator("#c10 a")).to_be_focused()
    await tab.keyboard.press("j")
    await tab.keyboard.press("j")
    await tab.keyboard.press("k")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#pane-name")).to_be_focused()
    await expect(tab.locator("#pane-name")).to_have_text("Müşteri 11")
    await tab.keyboard.press("e")
    await expect(tab.locator("#text")).to_be_focused()
    await tab.keyboard.press("End")
    await tab.keyboard.type(" sjkard/?")
    await expect(tab.locator("#text")).to_have_value("Fiyatı 100 TL. sjkard/?")
    await tab.keyboard.press("Escape")
    await tab.keyboard.press("s")
    await expect(tab.locator("#snooze form").first).to_be_visible()
    await tab.keyboard.press("?")
    await expect(tab.locator("#help")).to_be_visible()
    await tab.keyboard.press("Escape")
    await tab.keyboard.press("Escape")
    await expect(tab.locator("#c11 a")).to_be_focused()


async def test_single_keys_can_be_turned_off(tab: Page) -> None:
    await tab.keyboard.press("?")
    await tab.get_by_label("Tek tuşlu kısayollar açık").uncheck()
    await tab.keyboard.press("Escape")
    await tab.keyboard.press("j")
    await tab.keyboard.press("?")
    await expect(tab.locator("#help")).to_be_hidden()
    await expect(tab.locator("#c10 a")).not_to_be_focused()


async def test_of_all_tabs_one_listens_and_each_is_up_to_date(
    shop: Shop, served: Server, desk: BrowserContext
) -> None:
    tabs = [await opened(desk, served)]
    tabs += [await desk.new_page() for _ in range(7)]
    for tab in tabs[1:]:
        await tab.goto(served.url)
    shop.change(conversation(1))
    for tab in tabs:
        await expect(tab.locator("#c1")).to_be_visible()
    assert shop.listeners == 1
    await tabs[0].close()
    await until(lambda: shop.listeners == 1)
    shop.change(conversation(2))
    for tab in tabs[1:]:
        await expect(tab.locator("#c2")).to_be_visible()


async def test_a_board_says_that_the_bridge_is_away_and_comes_back_by_itself(
    shop: Shop, desk: BrowserContext
) -> None:
    first = server(shop)
    await first.start()
    tab = await opened(desk, first)
    port = first.address[1]
    await first.stop()
    await expect(tab.locator("#away")).to_be_visible()
    shop.change(conversation(1))
    async with server(shop, port=port):
        await expect(tab.locator("#c1")).to_be_visible()
        await expect(tab.locator("#away")).to_be_hidden()


async def test_what_a_proxy_answers_instead_is_said_and_the_board_goes_on(tab: Page) -> None:
    """nginx answers with a page of its own while the bridge starts again."""
    page = "<html><h1>502 Bad Gateway</h1></html>"
    await tab.route(
        "**/board/chats/11",
        lambda route: route.fulfill(status=502, content_type="text/html", body=page),
    )
    broken: list[object] = []
    tab.on("pageerror", lambda error: broken.append(error))
    await tab.locator("#to-11").click()
    await expect(tab.locator("#news")).to_contain_text("Olmadı")
    await tab.locator("#to-12").click()
    await expect(tab.locator("#pane-name")).to_have_text("Müşteri 12")
    assert broken == []


async def test_why_nothing_was_sent_is_said_in_the_board_s_language(tab: Page) -> None:
    """Programs get a sentence in English, and what it is about."""
    assert {*PANE_TEXTS[Language.TR].why_not} == {*WhyUnwritten}
    refused = {
        "detail": "WhatsApp has refused messages in this chat",
        "why": WhyUnwritten.CHAT_LIMITED,
    }
    await tab.route(
        "**/v1/conversations/*/messages", lambda route: route.fulfill(status=409, json=refused)
    )
    await tab.locator("#to-11").click()
    await tab.locator("#text").fill("Merhaba")
    tab.on("dialog", lambda dialog: dialog.accept())
    await tab.get_by_role("button", name="Gönder", exact=True).click()
    await expect(tab.get_by_role("alert").filter(has_text="telefondan")).to_be_visible()


@pytest.mark.attack("a stranger's name or words are markup on the board")
async def test_what_strangers_write_is_shown_as_text(
    shop: Shop, served: Server, desk: BrowserContext
) -> None:
    words = [*_MARKUP, *hostile(100 - len(_MARKUP))]
    said = shop.said[1000] = []
    for number, one in enumerate(words):
        listed = conversation(1000 + number, name=one or "x")
        judged = replace(listed.urgency, words=(one,)) if listed.urgency else None
        last = replace(listed.last, text=one, sender=one) if listed.last else None
        shop.change(replace(listed, urgency=judged, last=last, is_group=True))
        kind = Kind.IMAGE if number % 2 else Kind.DOCUMENT
        file = FileOf(number, one, 1, one, MediaState.KEPT, one)
        quoted, reaction = QuotedWords(one, one), ReactionOf(one, datetime.now(UTC), one)
        rest = {"quoted": quoted, "reactions": [reaction], "file": file}
        said.append(message(number, one, sender=one, kind=kind, **rest))
    tab = await opened(desk, served, "/?chat=1000")
    fired: list[str] = []
    tab.on("dialog", lambda dialog: fired.append(dialog.message))
    await expect(tab.locator("#pane")).to_be_visible()
    for count in (80, 104):
        await tab.locator("#more").click()
        await expect(tab.locator("#rows li")).to_have_count(count)
    assert await tab.locator("#rows .name", has_text="<script>").count() == 1
    assert (
        await tab.locator("#board script, #board svg, #board [onerror], #board [onload]").count()
        == 0
    )
    assert await tab.title() == "Pano · izer-bridge"
    assert not await is_too_wide(tab)
    assert fired == []
    assert all("javascript:" not in one for one in await hrefs(tab))


async def hrefs(tab: Page) -> list[str]:
    found = await tab.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return list(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_works_on_a_phone(
    shop: Shop, served: Server, browser: Browser, scheme: str
) -> None:
    context = await browser.new_context(
        viewport=PHONE,
        color_scheme=scheme,  # type: ignore[arg-type]
        has_touch=True,
        locale="tr-TR",
    )
    shop.drafts[5] = draft(5, 10, "Fiyatı 100 TL.")
    shop.change(critical(10, draft_id=5, is_vip=True, name="A" * 80))
    tab = await opened(context, served)
    assert not await is_too_wide(tab)
    assert await serious(tab) == []
    await tab.locator("#c10 a").tap()
    await expect(tab.locator("#send")).to_be_visible()
    await expect(tab.locator("#rows")).to_be_hidden()
    await expect(tab.locator("#call")).to_have_attribute("href", "tel:+905551110010")
    assert not await is_too_wide(tab)
    assert await serious(tab) == []
    small = await tab.locator("button:visible, a.button:visible, summary:visible").evaluate_all(
        "all => all.filter(one => one.offsetHeight < 44).map(one => one.outerHTML)"
    )
    assert small == []
    await tab.locator("#back").tap()
    await expect(tab.locator("#c10")).to_be_visible()
    await context.close()


async def test_ten_thousand_open_conversations_are_one_small_page(shop: Shop) -> None:
    shop.change(*(critical(number, is_vip=True) for number in range(1, 10_001)))
    async with (
        server(shop) as running,
        ClientSession() as session,
        session.get(running.url) as response,
    ):
        assert len(await response.read()) < 150_000


@pytest.mark.attack("a board that does not read holds the bridge back")
async def test_who_does_not_read_is_dropped_and_others_go_on(shop: Shop) -> None:
    async with server(shop, write_seconds=0.2) as running:
        host, port = running.address
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        writer.write(b"GET /board/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readline()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while shop.listeners:
                shop.change(*(conversation(n, name="x" * 20_000) for n in range(30)))
                await asyncio.sleep(0.01)
        writer.close()
        async with ClientSession() as session, session.get(running.url) as response:
            assert response.status == 200


async def test_boards_are_counted_and_end_with_the_bridge(shop: Shop) -> None:
    running = server(shop, most_boards=2)
    await running.start()
    events = f"{running.url}/board/events"
    async with (
        ClientSession(timeout=ClientTimeout(PATIENCE_SECONDS)) as session,
        session.get(events) as one,
        session.get(events) as two,
    ):
        await one.content.readline()
        await two.content.readline()
        async with session.get(events) as third:
            assert third.status == 503
            assert "Retry-After" in third.headers
        await running.stop()
        assert await two.content.read() == b"\n"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?status=late", 422),
        ("/?after=x", 422),
        ("/?status=done&after=" + "A" * 400, 422),
        ("/board/chats/99", 404),
        ("/?chat=99", 404),
        ("/board/chats/x", 404),
        (f"/?chat={'9' * 30}", 200),
        ("/?chat=-1", 200),
    ],
)
async def test_wrong_addresses_are_told(served: Server, path: str, status: int) -> None:
    async with ClientSession() as session, session.get(f"{served.url}{path}") as response:
        assert response.status == status
