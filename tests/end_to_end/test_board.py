"""The board's jobs, in a real browser, with the daemon and the simulated WhatsApp running."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Dialog, Page, expect

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.server import Outgoing
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.web.language import Language
from izer_bridge.web.page_texts import PAGE_TEXTS
from tests.end_to_end.scenario import after_reading
from tests.end_to_end.test_drafts import text_of
from tests.end_to_end.test_replies import ANSWER, environment
from tests.servers.agent import AgentServer
from tests.servers.browser import serious
from tests.servers.mariadb import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")
expect.set_options(timeout=60_000)
OVERTAKEN = PAGE_TEXTS[Language.TR].overtaken
PROPOSED = str(ANSWER["reply"])
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
# A whole picture of one white point.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63f80f0001010100b5a59ce00000000049454e44ae426082"
)


@dataclass
class Counter:
    """A paired bridge that drafts, and customers who come one after the other."""

    whatsapp: Simulator
    bridge: BridgeProcess
    settings: dict[str, str] = field(repr=False)
    url: str
    token: str = field(repr=False)
    customers: int = 0

    def customer(self, name: str) -> Person:
        self.customers += 1
        number, lid = f"+9055511190{self.customers:02}", f"1000000000001{self.customers:02}"
        return self.whatsapp.contact(number, name, lid, addressed_by="lid")

    async def asks(self, name: str, words: str = "Bisikletim hazır mı?") -> Person:
        customer = self.customer(name)
        await self.whatsapp.say(customer, content.text(words))
        return customer

    async def received(self, customer: Person, *words: str) -> None:
        """Wait until the customer's phone has these texts, and check that it has no others."""
        server = self.whatsapp.server

        def texts() -> list[str]:
            letters = [one for one in server.outgoing if not one.body.HasField("deviceSentMessage")]
            return [text_of(one) for one in letters if customer.is_at(one.to)]

        async with asyncio.timeout(PATIENCE_SECONDS), server.changed:
            await server.changed.wait_for(lambda: len(texts()) >= len(words))
        assert texts() == list(words)

    async def board(self, desk: BrowserContext) -> Page:
        """Logged in, as a person does it."""
        tab = await desk.new_page()
        await tab.goto(self.url)
        if await tab.locator("#token").count():
            await tab.locator("#token").fill(self.token)
            await tab.locator("#login button").click()
        await expect(tab.locator("#board")).to_be_visible()
        return tab


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counter(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    folder: Path = tmp_path_factory.mktemp("board")
    (folder / "whatsapp").mkdir()
    async with Simulator(folder / "whatsapp") as whatsapp, AgentServer(ANSWER) as agent:
        settings = environment(whatsapp, folder, agent) | {
            "IZER_API__PORT": str(free_port()),
            "IZER_REPLY__MODE": "draft",
            "IZER_REPLY__TYPING_SECONDS": "0",
        }
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            token = (folder / "state" / "api_token").read_text().strip()
            yield Counter(whatsapp, bridge, settings, await bridge.url(), token)


async def chosen(tab: Page, name: str) -> None:
    await tab.locator("#rows a", has_text=name).click()
    await expect(tab.locator("#pane-name")).to_have_text(name)


async def accept(dialog: Dialog) -> None:
    await dialog.accept()


async def test_a_message_appears_and_its_draft_is_sent_as_it_is(
    counter: Counter, desk: BrowserContext
) -> None:
    tab = await counter.board(desk)
    ayse = await counter.asks("Ayşe")
    row = tab.locator("#rows li", has_text="Ayşe")
    await expect(row).to_contain_text("Bisikletim hazır mı?")
    await expect(row).to_contain_text("Taslak hazır")
    await chosen(tab, "Ayşe")
    assert await serious(tab) == []
    await expect(tab.locator("#text")).to_have_value(PROPOSED)
    await tab.locator("#send").click()
    await counter.received(ayse, PROPOSED)
    await expect(row).to_have_count(0)
    await expect(tab.locator("#pane-said")).to_contain_text(PROPOSED)


async def test_a_draft_is_corrected_and_one_is_refused(
    counter: Counter, desk: BrowserContext
) -> None:
    tab = await counter.board(desk)
    tab.on("dialog", accept)
    mehmet = await counter.asks("Mehmet")
    await expect(tab.locator("#rows li", has_text="Mehmet")).to_contain_text("Taslak hazır")
    await chosen(tab, "Mehmet")
    await tab.locator("#text").fill("Yarın 15:00'te hazır.")
    await tab.locator("#send").click()
    await counter.received(mehmet, "Yarın 15:00'te hazır.")
    zehra = await counter.asks("Zehra")
    await expect(tab.locator("#rows li", has_text="Zehra")).to_contain_text("Taslak hazır")
    await chosen(tab, "Zehra")
    await tab.locator("#refuse").click()
    await expect(tab.locator("#refuse")).to_have_count(0)
    await expect(tab.locator("#text")).to_have_value("")
    await tab.locator("#text").fill("Sizi arıyoruz 🚲\nİyi günler")
    await tab.locator("#send").click()
    await counter.received(zehra, "Sizi arıyoruz 🚲\nİyi günler")
    await expect(tab.locator("#rows li", has_text="Zehra")).to_have_count(0)


async def test_by_keyboard_alone_a_customer_gets_the_draft(
    counter: Counter, desk: BrowserContext
) -> None:
    tab = await counter.board(desk)
    said: list[str] = []

    async def agree(dialog: Dialog) -> None:
        said.append(dialog.message)
        await dialog.accept()

    tab.on("dialog", agree)
    defne = await counter.asks("Defne")
    await expect(tab.locator("#rows li", has_text="Defne")).to_contain_text("Taslak hazır")
    await tab.keyboard.press("j")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#pane-name")).to_have_text("Defne")
    await tab.keyboard.press("a")
    await counter.received(defne, PROPOSED)
    assert PROPOSED in said[0]
    assert "Defne" in said[0]


async def test_done_is_done_until_they_write_again(counter: Counter, desk: BrowserContext) -> None:
    tab = await counter.board(desk)
    emre = await counter.asks("Emre", "Teşekkürler, gerek kalmadı mı acaba?")
    row = tab.locator("#rows li", has_text="Emre")
    await expect(row).to_contain_text("Taslak hazır")
    await chosen(tab, "Emre")
    await tab.locator("#do-done").click()
    await expect(row).to_have_count(0)
    await tab.locator("#do-reopen").click()
    await expect(row).to_have_count(1)
    await tab.locator("#do-done").click()
    await expect(row).to_have_count(0)
    await counter.whatsapp.say(emre, content.text("Bir şey daha soracağım"))
    await expect(row).to_contain_text("Bir şey daha soracağım")
    await expect(tab.locator("#pane-said")).to_contain_text("Bir şey daha soracağım")
    await counter.received(emre)


async def test_a_snooze_ends_when_they_write(counter: Counter, desk: BrowserContext) -> None:
    tab = await counter.board(desk)
    can = await counter.asks("Can")
    row = tab.locator("#rows li", has_text="Can")
    await expect(row).to_contain_text("Taslak hazır")
    await chosen(tab, "Can")
    await tab.locator("#snooze summary").click()
    await tab.get_by_role("button", name="Yarın sabah").click()
    await expect(row).to_have_count(0)
    await tab.get_by_role("link", name="Ertelendi").click()
    await expect(row).to_have_count(1)
    await counter.whatsapp.say(can, content.text("Alo?"))
    await expect(row).to_have_count(0)
    await tab.get_by_role("link", name="Yanıt bekleyen").click()
    await expect(row).to_contain_text("Alo?")


async def test_an_answer_on_the_phone_is_on_the_board(
    counter: Counter, desk: BrowserContext
) -> None:
    tab = await counter.board(desk)
    selin = await counter.asks("Selin")
    row = tab.locator("#rows li", has_text="Selin")
    await expect(row).to_contain_text("Taslak hazır")
    await chosen(tab, "Selin")
    own = content.text("Ben bakıyorum")
    await counter.whatsapp.say(counter.whatsapp.phone, own, to=selin, at=after_reading())
    await expect(row).to_have_count(0)
    await expect(tab.locator("#pane-said")).to_contain_text("Ben bakıyorum")
    await expect(tab.locator("#text")).to_have_value("")
    await counter.received(selin)


async def test_of_two_boards_the_second_is_told_who_was_first(
    counter: Counter, desk: BrowserContext, browser: Browser
) -> None:
    """The second board has lost its connection, and still shows the draft."""
    other = await browser.new_context(locale="tr-TR")
    first, second = await counter.board(desk), await counter.board(other)
    okan = await counter.asks("Okan")
    for tab in (first, second):
        await expect(tab.locator("#rows li", has_text="Okan")).to_contain_text("Taslak hazır")
        await chosen(tab, "Okan")
        await expect(tab.locator("#text")).to_have_value(PROPOSED)
    await second.route("**/board/**", lambda route: route.abort())
    await first.locator("#send").click()
    await counter.received(okan, PROPOSED)
    await expect(first.locator("#rows li", has_text="Okan")).to_have_count(0)
    await second.locator("#text").fill("Başka bir yanıt")
    await second.locator("#send").click()
    await expect(second.locator("#answer [role=alert]")).to_contain_text("Önce")
    await expect(second.locator("#text")).to_have_value("Başka bir yanıt")
    await counter.received(okan, PROPOSED)
    await other.close()


async def test_who_has_not_seen_the_latest_message_is_told_so_in_their_language(
    counter: Counter, desk: BrowserContext, browser: Browser
) -> None:
    """A board that has lost its connection overlooks no message, with a draft or without one."""
    other = await browser.new_context(locale="tr-TR")
    tab, up_to_date = await counter.board(desk), await counter.board(other)
    nil = await counter.asks("Nil")
    await expect(tab.locator("#rows li", has_text="Nil")).to_contain_text("Taslak hazır")
    await chosen(tab, "Nil")
    await expect(tab.locator("#text")).to_have_value(PROPOSED)
    await tab.route("**/board/**", lambda route: route.abort())
    await counter.whatsapp.say(nil, content.text("Bir de zil lazım, var mı?"))
    await chosen(up_to_date, "Nil")
    await expect(up_to_date.locator("#pane-said")).to_contain_text("Bir de zil lazım")
    await tab.locator("#do-done").click()
    await expect(tab.locator("#news")).to_have_text(OVERTAKEN)
    await other.close()


async def test_a_picture_is_seen_and_a_pdf_is_sent(counter: Counter, desk: BrowserContext) -> None:
    tab = await counter.board(desk)
    lale = counter.customer("Lale")
    await counter.whatsapp.say(lale, content.image(PNG, "Jantım böyle", "image/png"))
    await expect(tab.locator("#rows li", has_text="Lale")).to_contain_text("Jantım böyle")
    await chosen(tab, "Lale")
    picture = tab.locator("#pane-said img")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await tab.locator("#attach summary").click()
    await tab.locator("#attach input[type=file]").set_input_files(
        {"name": "fatura.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    await tab.get_by_label("Altına yazı").fill("Faturanız")
    await tab.locator("#attach button").click()
    server = counter.whatsapp.server

    def letters() -> list[Outgoing]:
        return [one for one in server.outgoing if lale.is_at(one.to)]

    async with asyncio.timeout(PATIENCE_SECONDS), server.changed:
        await server.changed.wait_for(letters)
    [letter] = letters()
    within = letter.body.documentWithCaptionMessage.message.documentMessage
    assert (within.fileName, within.caption) == ("fatura.pdf", "Faturanız")
    assert counter.whatsapp.media.opened(letter.body) == PDF
    await expect(tab.locator("#rows li", has_text="Lale")).to_have_count(0)


async def test_a_wrong_urgency_is_marked(counter: Counter, desk: BrowserContext) -> None:
    tab = await counter.board(desk)
    await counter.asks("Naz")
    await expect(tab.locator("#rows li", has_text="Naz")).to_contain_text("Aciliyet")
    await chosen(tab, "Naz")
    await tab.locator("#wrong summary").click()
    await tab.get_by_label("Doğru aciliyet").select_option("9")
    await tab.locator("#wrong button").click()
    await expect(tab.locator("#news")).to_have_text("Kaydedildi.")


async def test_the_bot_is_paused_and_resumed(counter: Counter, desk: BrowserContext) -> None:
    tab = await counter.board(desk)
    await counter.asks("Pelin")
    row = tab.locator("#rows li", has_text="Pelin")
    await expect(row).to_contain_text("Taslak hazır")
    await chosen(tab, "Pelin")
    await tab.locator("#do-pause").click()
    await expect(row).to_contain_text("Bot durduruldu")
    await tab.locator("#do-resume").click()
    await expect(tab.locator("#do-pause")).to_be_visible()


async def test_a_draft_that_whatsapp_refuses_is_not_out_of_sight(
    counter: Counter, desk: BrowserContext
) -> None:
    tab = await counter.board(desk)
    unknown = counter.whatsapp.contact("+905551119199", "Yusuf")
    await counter.whatsapp.say(unknown, content.text("Bisikletim hazır mı?"))
    row = tab.locator("#rows li", has_text="Yusuf")
    await expect(row).to_contain_text("Taslak hazır")
    await chosen(tab, "Yusuf")
    await tab.locator("#send").click()
    await expect(tab.locator(".unsent")).to_contain_text("gönderilemedi")
    await expect(tab.locator(".unsent")).to_contain_text(PROPOSED)
    await expect(row).to_have_count(1)


async def test_who_is_logged_out_elsewhere_sees_the_way_in(
    counter: Counter, desk: BrowserContext
) -> None:
    first, second = await counter.board(desk), await counter.board(desk)
    await second.get_by_role("button", name="Çıkış").click()
    await expect(second.locator("#token")).to_be_visible()
    await expect(first.locator("#token")).to_be_visible()


async def test_a_restart_loses_nothing_that_was_typed(
    counter: Counter, desk: BrowserContext
) -> None:
    tab = await counter.board(desk)
    umut = await counter.asks("Umut")
    await expect(tab.locator("#rows li", has_text="Umut")).to_contain_text("Taslak hazır")
    await chosen(tab, "Umut")
    await tab.locator("#text").fill("Yarım kalmış söz")
    await counter.bridge.stop()
    await expect(tab.locator("#away")).to_be_visible()
    await tab.locator("#send").click()
    await expect(tab.locator("#answer [role=alert]")).to_contain_text("bağlantı yok")
    counter.bridge = BridgeProcess(counter.whatsapp.command("run"), counter.settings)
    await counter.bridge.start()
    await counter.bridge.line("state=connected")
    await expect(tab.locator("#away")).to_be_hidden()
    await expect(tab.locator("#text")).to_have_value("Yarım kalmış söz")
    await tab.locator("#send").click()
    await counter.received(umut, "Yarım kalmış söz")
    await counter.bridge.stop()
